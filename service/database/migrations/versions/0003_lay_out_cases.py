"""Lay out cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _number_sequence()
    _case()
    _case_message()
    _clock_stop()
    _due_row()
    _event()
    _incident()
    _user_task()


def _number_sequence() -> None:
    op.create_table(
        "number_sequence",
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_number_sequence")),
    )


def _case() -> None:
    op.create_table(
        "case",
        sa.Column("id", Key, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("power_item", sa.String(length=40), nullable=True),
        sa.Column("item_version", sa.Integer(), nullable=True),
        sa.Column("definition_id", Key, nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("applicant_name", sa.String(length=200), nullable=False),
        sa.Column("applicant", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", Key, nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("previous_state", sa.LargeBinary(), nullable=True),
        sa.Column("actors", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["definition_id"], ["process_definition.id"], name=op.f("fk_case_definition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("number", name=op.f("uq_case_number")),
    )
    op.create_index("ix_case_item", "case", ["power_item", "id"], unique=False)
    op.create_index("ix_case_list", "case", ["department", "status", "id"], unique=False)


def _case_message() -> None:
    op.create_table(
        "case_message",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("entered_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_message_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_message")),
    )
    op.create_index("ix_case_message_case", "case_message", ["case_id"], unique=False)


def _clock_stop() -> None:
    op.create_table(
        "clock_stop",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("timer_id", sa.String(length=32), nullable=True),
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("element_id", sa.String(length=80), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("planned_end_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_clock_stop_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_stop")),
    )
    op.create_index("ix_clock_stop_case", "clock_stop", ["case_id"], unique=False)


def _due_row() -> None:
    op.create_table(
        "due_row",
        sa.Column("timer_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("element_id", sa.String(length=80), nullable=False),
        sa.Column("step_id", sa.String(length=80), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("armed_at", Instant(), nullable=False),
        sa.Column("counted_from", Instant(), nullable=False),
        sa.Column("limit_value", sa.Integer(), nullable=True),
        sa.Column("limit_unit", sa.String(length=16), nullable=True),
        sa.Column("remaining", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_due_row_case_id")),
        sa.PrimaryKeyConstraint("timer_id", "role", name=op.f("pk_due_row")),
    )
    op.create_index(
        "ix_due_row_armed",
        "due_row",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    )
    op.create_index("ix_due_row_case", "due_row", ["case_id"], unique=False)


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor", Key, nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=True),
        sa.Column("principal", Key, nullable=True),
        sa.Column("post", sa.String(length=32), nullable=True),
        sa.Column("element_id", sa.String(length=80), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_event_case_id")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_event")),
    )
    op.create_index("ix_event_kind", "event", ["kind", "at"], unique=False)


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("during", sa.String(length=40), nullable=False),
        sa.Column("element_id", sa.String(length=80), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_incident_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_status", "incident", ["status", "at"], unique=False)


def _user_task() -> None:
    op.create_table(
        "user_task",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("element_id", sa.String(length=80), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("post", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=False),
        sa.Column("separation_group", sa.String(length=32), nullable=True),
        sa.Column("officers", sa.Integer(), nullable=False),
        sa.Column("halts", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("assignee", Key, nullable=True),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("earliest_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.Column("signed_by", Key, nullable=True),
        sa.Column("signed_at", Instant(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=True),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("completed_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["assignee"], ["person.id"], name=op.f("fk_user_task_assignee")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_user_task_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
    )
    op.create_index("ix_user_task_assignee", "user_task", ["assignee", "status"], unique=False)
    op.create_index("ix_user_task_case", "user_task", ["case_id", "status"], unique=False)
    op.create_index("ix_user_task_done", "user_task", ["completed_by", "completed_at"], unique=False)
    op.create_index("ix_user_task_pool", "user_task", ["status", "department", "post", "due_at"], unique=False)
