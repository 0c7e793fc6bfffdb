"""Lay out the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.append_only import forbid_changes
from service.database.types import Instant, Key

revision = "0009"
down_revision = "0008"
kind = "expand"


def upgrade() -> None:
    _ledger_entry()
    forbid_changes(op.get_bind(), "ledger_entry")


def _ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("reference", sa.String(length=96), nullable=False),
        sa.Column("debit", sa.String(length=16), nullable=False),
        sa.Column("credit", sa.String(length=16), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("pay_code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("ground", sa.String(length=500), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name="ck_ledger_entry_amount"),
        sa.CheckConstraint("debit <> credit", name="ck_ledger_entry_accounts"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_ledger_entry_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledger_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("reference", "debit", "credit", "pay_code", name=op.f("uq_ledger_entry_reference")),
    )
    op.create_index("ix_ledger_entry_case", "ledger_entry", ["case_id"], unique=False)
