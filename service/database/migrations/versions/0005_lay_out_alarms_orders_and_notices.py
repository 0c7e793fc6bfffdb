"""Lay out alarms, orders and notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _alarm_threshold()
    _outbox()
    _alarm()
    _notice()
    _supervision_order()
    _order_alarm()


def _alarm_threshold() -> None:
    op.create_table(
        "alarm_threshold",
        sa.Column("power_item", sa.String(length=40), nullable=False),
        sa.Column("blue_percent", sa.Integer(), nullable=False),
        sa.Column("yellow_percent", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", Key, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("power_item", name=op.f("pk_alarm_threshold")),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_outbox_idempotency_key")),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    )


def _alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("colour", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("element_id", sa.String(length=80), nullable=True),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("summary_zh", sa.String(length=300), nullable=False),
        sa.Column("summary_en", sa.String(length=300), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("act_by", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("ground", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_alarm_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sa.UniqueConstraint("subject", "rule", "colour", name=op.f("uq_alarm_subject")),
    )
    op.create_index("ix_alarm_case", "alarm", ["case_id"], unique=False)
    op.create_index("ix_alarm_list", "alarm", ["department", "status", "colour", "id"], unique=False)


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=True),
        sa.Column("recipient", Key, nullable=True),
        sa.Column("recipient_name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("receipt_at", Instant(), nullable=True),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_notice_case_id")),
        sa.ForeignKeyConstraint(["recipient"], ["person.id"], name=op.f("fk_notice_recipient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_case_id"), "notice", ["case_id"], unique=False)
    op.create_index(op.f("ix_notice_recipient"), "notice", ["recipient"], unique=False)


def _supervision_order() -> None:
    op.create_table(
        "supervision_order",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("about_case_id", Key, nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("demand", sa.String(length=500), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["about_case_id"], ["case.id"], name=op.f("fk_supervision_order_about_case_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_supervision_order_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_supervision_order")),
    )
    op.create_index(op.f("ix_supervision_order_about_case_id"), "supervision_order", ["about_case_id"], unique=False)


def _order_alarm() -> None:
    op.create_table(
        "order_alarm",
        sa.Column("alarm_id", Key, nullable=False),
        sa.Column("order_case_id", Key, nullable=False),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name=op.f("fk_order_alarm_alarm_id")),
        sa.ForeignKeyConstraint(["order_case_id"], ["case.id"], name=op.f("fk_order_alarm_order_case_id")),
        sa.PrimaryKeyConstraint("alarm_id", name=op.f("pk_order_alarm")),
    )
    op.create_index(op.f("ix_order_alarm_order_case_id"), "order_alarm", ["order_case_id"], unique=False)
