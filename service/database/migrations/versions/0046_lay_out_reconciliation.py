"""Lay out what comparing the treasury with the system leaves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0046"
down_revision = "0045"
kind = "expand"


def upgrade() -> None:
    op.add_column("treasury_import", sa.Column("text_digest", sa.String(length=64), nullable=True))
    op.add_column("treasury_receipt", sa.Column("matched_code", sa.String(length=20), nullable=True))
    op.create_index("ix_treasury_receipt_matched", "treasury_receipt", ["matched_code"], unique=False)
    op.create_index("ix_ledger_entry_code", "ledger_entry", ["pay_code"], unique=False)
    op.execute(
        "UPDATE treasury_receipt SET matched_code = pay_code "
        "WHERE status IN ('matched', 'booked') AND pay_code <> '' AND length(pay_code) <= 20"
    )
    _receipt_preview()
    _receipt_share()
    _treasury_difference()
    _difference_act()
    _totals()
    _earlier_volume()


def _receipt_preview() -> None:
    op.create_table(
        "receipt_preview",
        sa.Column("id", Key, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", Key, nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_receipt_preview_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_preview")),
    )


def _receipt_share() -> None:
    op.create_table(
        "receipt_share",
        sa.Column("id", Key, nullable=False),
        sa.Column("receipt_id", Key, nullable=False),
        sa.Column("pay_code", sa.String(length=20), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("stands_for", sa.String(length=64), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("decided_by", Key, nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["treasury_receipt.id"], name=op.f("fk_receipt_share_receipt_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_receipt_share_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_share")),
    )
    op.create_index("ix_receipt_share_receipt", "receipt_share", ["receipt_id", "decision"], unique=False)
    op.create_index("ix_receipt_share_code", "receipt_share", ["pay_code"], unique=False)


def _treasury_difference() -> None:
    op.create_table(
        "treasury_difference",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=3), nullable=False),
        sa.Column("pay_code", sa.String(length=40), nullable=False),
        sa.Column("receipt_no", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=32), nullable=False),
        sa.Column("item_code", sa.String(length=32), nullable=False),
        sa.Column("power_item", sa.String(length=40), server_default="", nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("payer", sa.String(length=200), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", Key, nullable=True),
        sa.Column("case_id", Key, nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("cleared_at", Instant(), nullable=True),
        sa.Column("alarm_id", Key, nullable=True),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["treasury_receipt.id"], name=op.f("fk_treasury_difference_receipt_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_treasury_difference_case_id")),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name=op.f("fk_treasury_difference_alarm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treasury_difference")),
        sa.UniqueConstraint("kind", "pay_code", "receipt_no", name=op.f("uq_treasury_difference_kind")),
    )
    for name, columns in (
        ("list", ["department", "status", "id"]),
        ("status", ["status", "kind", "id"]),
        ("receipt", ["receipt_id"]),
    ):
        op.create_index(f"ix_treasury_difference_{name}", "treasury_difference", columns, unique=False)


def _difference_act() -> None:
    op.create_table(
        "difference_act",
        sa.Column("id", Key, nullable=False),
        sa.Column("difference_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("evidence", sa.String(length=300), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["difference_id"], ["treasury_difference.id"], name=op.f("fk_difference_act_difference_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_difference_act_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference_act")),
    )
    op.create_index("ix_difference_act_difference", "difference_act", ["difference_id"], unique=False)


def _totals() -> None:
    op.create_table(
        "reconciliation_total",
        sa.Column("department", sa.String(length=32), nullable=False),
        sa.Column("item_code", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("treasury_fen", sa.BigInteger(), nullable=False),
        sa.Column("system_fen", sa.BigInteger(), nullable=False),
        sa.Column("receipts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("department", "item_code", "month", name=op.f("pk_reconciliation_total")),
    )
    op.create_table(
        "reconciliation_run",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False),
        sa.Column("receipts", sa.Integer(), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
    )


def _earlier_volume() -> None:
    op.create_table(
        "earlier_volume",
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("taken_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("fk_earlier_volume_taken_by")),
        sa.PrimaryKeyConstraint("department", "category", "month", name=op.f("pk_earlier_volume")),
    )
