"""Keep payments that the bank took back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0047"
down_revision = "0046"
kind = "expand"


def upgrade() -> None:
    op.create_table(
        "payment_reversal",
        sa.Column("id", Key, nullable=False),
        sa.Column("reversal_no", sa.String(length=64), nullable=False),
        sa.Column("receipt_no", sa.String(length=64), nullable=False),
        sa.Column("pay_code", sa.String(length=40), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("reversed_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("via", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("case_id", Key, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_payment_reversal_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_reversal")),
        sa.UniqueConstraint("reversal_no", name=op.f("uq_payment_reversal_reversal_no")),
    )
    op.create_index("ix_payment_reversal_receipt", "payment_reversal", ["receipt_no"], unique=False)
    op.create_index("ix_payment_reversal_case", "payment_reversal", ["case_id"], unique=False)
