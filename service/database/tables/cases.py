"""Cases with their state, tasks, due rows, clock stops and history. No rules live here."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
    text,
)

from service.database.metadata import case_key, metadata
from service.database.types import Instant, Key

case = Table(
    "case",
    metadata,
    Column("id", Key, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("power_item", String(40)),
    Column("item_version", Integer),
    Column("definition_id", Key, ForeignKey("process_definition.id"), nullable=False),
    Column("department", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("outcome", String(32)),
    Column("applicant_name", String(200), nullable=False),
    Column("applicant", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Key),
    Column("received_on", Date),
    Column("accepted_on", Date),
    Column("decided_on", Date),
    Column("due_at", Instant),
    Column("closed_at", Instant),
    Column("version", Integer, nullable=False),
    Column("event_seq", Integer, nullable=False),
    Column("event_hash", String(64), nullable=False),
    # The engine's bytes, and those before the last act (撤回 restores them).
    Column("state", LargeBinary, nullable=False),
    Column("previous_state", LargeBinary),
    # Who has done which separation group on this case: {group: [person ids]}; derivable from history.
    Column("actors", JSON, nullable=False),
    Index("ix_case_list", "department", "status", "id"),
    Index("ix_case_item", "power_item", "id"),
)
user_task = Table(
    "user_task",
    metadata,
    Column("id", String(32), primary_key=True),
    case_key(),
    Column("element_id", String(80), nullable=False),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("post", String(32), nullable=False),
    Column("department", String(16), nullable=False),
    Column("form_key", String(80), nullable=False),
    Column("separation_group", String(32)),
    Column("officers", Integer, nullable=False),
    Column("halts", Boolean, nullable=False),
    Column("status", String(12), nullable=False),
    Column("assignee", Key, ForeignKey("person.id")),
    Column("claimed_at", Instant),
    Column("entered_at", Instant, nullable=False),
    Column("earliest_at", Instant),
    Column("due_at", Instant),
    Column("draft", JSON),
    Column("signed_by", Key),
    Column("signed_at", Instant),
    Column("answers", JSON),
    Column("completed_at", Instant),
    Column("completed_by", Key),
    # When the task was urged last (催办).
    Column("urged_at", Instant),
    # How many rounds of signers its completion waits for, how many follow it, and whose followers it waits for.
    Column("held_by", Integer),
    Column("followed_by", Integer),
    Column("held_for", String(32)),
    # The only persons who may do it, as `,1,2,`: those who were drawn for an inspection.
    Column("named", String(200)),
    # SHA-256 of the content that the second officer has signed; NULL where nothing was written then.
    Column("signed_digest", String(64)),
    Index("ix_user_task_case", "case_id", "status"),
    Index("ix_user_task_pool", "status", "department", "post", "due_at"),
    Index("ix_user_task_assignee", "assignee", "status"),
    Index("ix_user_task_done", "completed_by", "completed_at"),
    Index(
        "ix_user_task_completed",
        "completed_at",
        sqlite_where=text("completed_at IS NOT NULL"),
        postgresql_where=text("completed_at IS NOT NULL"),
    ),
)
case_message = Table(
    "case_message",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("kind", String(16), nullable=False),
    Column("answers", JSON, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("entered_by", Key),
    Index("ix_case_message_case", "case_id"),
)
due_row = Table(
    "due_row",
    metadata,
    # The engine's task id of the armed timer, and what the row is for: its own role, or a share of its limit.
    Column("timer_id", String(32), primary_key=True),
    Column("role", String(20), primary_key=True),
    case_key(),
    Column("element_id", String(80), nullable=False),
    Column("step_id", String(80), nullable=False),
    Column("due_at", Instant, nullable=False),
    # 0 armed, 1 paused (due_at is then meaningless), 2 in an incident
    Column("state", Integer, nullable=False, default=0),
    Column("armed_at", Instant, nullable=False),
    Column("counted_from", Instant, nullable=False),
    Column("limit_value", Integer),
    Column("limit_unit", String(16)),
    Column("remaining", JSON),
    Index("ix_due_row_armed", "due_at", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
    Index("ix_due_row_case", "case_id"),
)
clock_stop = Table(
    "clock_stop",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("timer_id", String(32)),
    Column("task_id", String(32), nullable=False),
    Column("element_id", String(80), nullable=False),
    Column("basis", String(300), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("planned_end_at", Instant),
    Column("ended_at", Instant),
    Index("ix_clock_stop_case", "case_id"),
)
event = Table(
    "event",
    metadata,
    Column("case_id", Key, ForeignKey("case.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", Key),
    Column("actor_name", String(80)),
    Column("principal", Key),
    Column("post", String(32)),
    Column("element_id", String(80)),
    Column("payload", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_event_kind", "kind", "at"),
)
incident = Table(
    "incident",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("at", Instant, nullable=False),
    Column("during", String(40), nullable=False),
    Column("element_id", String(80)),
    Column("message", Text, nullable=False),
    Column("status", String(12), nullable=False),
    # How often the same has failed in the same way, and when last; `at` is the first time.
    Column("times", Integer, nullable=False, server_default="1"),
    Column("last_at", Instant),
    Index("ix_incident_status", "status", "at"),
)
# Cases that belong together; of those handled together (并案) `other_id` leads. What was undone stays on record.
case_link = Table(
    "case_link",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("other_id", Key, ForeignKey("case.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("made_by", Key, ForeignKey("person.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Column("removed_by", Key),
    Index("ix_case_link_case", "case_id"),
    Index("ix_case_link_other", "other_id"),
)
# Departments other than the case's own that have or had a task of it (派单, 并联审批): they read it too. Those of
# which `reads_only` is true assist (协办): they read it, and that is all.
case_department = Table(
    "case_department",
    metadata,
    Column("department", String(16), primary_key=True),
    Column("case_id", Key, ForeignKey("case.id"), primary_key=True),
    Column("reads_only", Boolean, nullable=False, server_default=false()),
    Index("ix_case_department_case", "case_id"),
)
number_sequence = Table(
    "number_sequence",
    metadata,
    Column("scope", String(120), primary_key=True),
    Column("last", Integer, nullable=False),
)
