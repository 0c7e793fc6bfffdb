"""Keep reductions and refunds of fees, each decided by a case of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0030"
down_revision = "0029"
kind = "expand"


def upgrade() -> None:
    op.create_table(
        "fee_change",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("of_case_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("pay_code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by", Key, nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("bank_reference", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_fee_change_case_id")),
        sa.ForeignKeyConstraint(["of_case_id"], ["case.id"], name=op.f("fk_fee_change_of_case_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_fee_change_opened_by")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_fee_change")),
    )
    op.create_index("ix_fee_change_of_case", "fee_change", ["of_case_id"], unique=False)
