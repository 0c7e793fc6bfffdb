"""Lay out receivers dead letters and unmatched payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _contact()
    _outbox_decision()
    _unmatched_payment()
    _webhook_receiver()
    _outbox()


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("person_id", Key, nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contact_person_id")),
        sa.PrimaryKeyConstraint("person_id", "channel", name=op.f("pk_contact")),
    )


def _outbox_decision() -> None:
    op.create_table(
        "outbox_decision",
        sa.Column("id", Key, nullable=False),
        sa.Column("outbox_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outbox_decision_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_decision")),
    )
    op.create_index(op.f("ix_outbox_decision_outbox_id"), "outbox_decision", ["outbox_id"], unique=False)


def _unmatched_payment() -> None:
    op.create_table(
        "unmatched_payment",
        sa.Column("id", Key, nullable=False),
        sa.Column("pay_code", sa.String(length=40), nullable=False),
        sa.Column("bank_reference", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.Column("case_id", Key, nullable=True),
        sa.Column("department", sa.String(length=16), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", Key, nullable=True),
        sa.Column("ground", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_unmatched_payment_case_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_unmatched_payment_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmatched_payment")),
        sa.UniqueConstraint(
            "bank_reference", "pay_code", "amount_fen", name=op.f("uq_unmatched_payment_bank_reference")
        ),
    )
    op.create_index("ix_unmatched_payment_list", "unmatched_payment", ["status", "department", "id"], unique=False)


def _webhook_receiver() -> None:
    op.create_table(
        "webhook_receiver",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by", Key, nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_webhook_receiver_added_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_receiver")),
    )


def _outbox() -> None:
    op.add_column("outbox", sa.Column("failed_at", Instant(), nullable=True))
    op.add_column("outbox", sa.Column("receipt", sa.String(length=300), nullable=True))
    op.add_column("outbox", sa.Column("case_id", Key, nullable=True))
    op.add_column("outbox", sa.Column("lane", sa.String(length=60), nullable=True))
    op.create_index(
        "ix_outbox_dead",
        "outbox",
        ["kind", "id"],
        unique=False,
        sqlite_where=sa.text("state = 2"),
        postgresql_where=sa.text("state = 2"),
    )
