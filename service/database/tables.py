"""Every table of the product, in one place, so that one can read the whole schema. No rules live here."""

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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from service.database.types import Instant, Key

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _case() -> Column[int]:
    return Column("case_id", Key, ForeignKey("case.id"), nullable=False)


# People -------------------------------------------------------------------------------------------------------------
department = Table(
    "department",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("credit_code", String(18)),
)
person = Table(
    "person",
    metadata,
    Column("id", Key, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("department", String(16), ForeignKey("department.code"), nullable=False),
    Column("mobile", String(20)),
    Column("officer_number", String(40)),
    Column("password_hash", String(200), nullable=False),
    Column("totp_secret", String(64), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
)
post_holding = Table(
    "post_holding",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("department", String(16), nullable=False),
    Column("post", String(32), nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("granted_by", Key),
    Column("reason", String(500), nullable=False),
    Column("ended_at", Instant),
    Index("ix_post_holding_post", "department", "post"),
)
delegation = Table(
    "delegation",
    metadata,
    Column("id", Key, primary_key=True),
    Column("principal_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("delegate_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("post", String(32), nullable=False),
    Column("department", String(16), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("second_factor_until", Instant),
    Column("address", String(64)),
)

# Catalogue and definitions ------------------------------------------------------------------------------------------
power_item = Table(
    "power_item",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("current", Boolean, nullable=False),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("category", String(4), nullable=False),
    Column("department", String(16), ForeignKey("department.code"), nullable=False),
    Column("definition_key", String(80), nullable=False),
    Column("content", JSON, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("status", String(16), nullable=False),
    Index("ix_power_item_current", "current", "department"),
)
process_definition = Table(
    "process_definition",
    metadata,
    Column("id", Key, primary_key=True),
    Column("key", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("xml", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("deployed_at", Instant, nullable=False),
    Column("deployed_by", Key),
    Column("current", Boolean, nullable=False),
    UniqueConstraint("key", "version"),
)
called_diagram = Table(
    "called_diagram",
    metadata,
    Column("definition_id", Key, ForeignKey("process_definition.id"), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("xml", LargeBinary, nullable=False),
)
form_schema = Table(
    "form_schema",
    metadata,
    Column("definition_id", Key, ForeignKey("process_definition.id"), primary_key=True),
    Column("form_key", String(80), primary_key=True),
    Column("content", JSON, nullable=False),
)

# Cases --------------------------------------------------------------------------------------------------------------
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
    Index("ix_case_list", "department", "status", "id"),
    Index("ix_case_item", "power_item", "id"),
)
case_state = Table(
    "case_state",
    metadata,
    Column("case_id", Key, ForeignKey("case.id"), primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("previous_state", LargeBinary),
    # Who has done which separation group on this case: {group: [person ids]}; derivable from history.
    Column("actors", JSON, nullable=False),
)
user_task = Table(
    "user_task",
    metadata,
    Column("id", String(32), primary_key=True),
    _case(),
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
    Index("ix_user_task_case", "case_id", "status"),
    Index("ix_user_task_pool", "status", "department", "post", "due_at"),
    Index("ix_user_task_assignee", "assignee", "status"),
    Index("ix_user_task_done", "completed_by", "completed_at"),
)
case_message = Table(
    "case_message",
    metadata,
    Column("id", Key, primary_key=True),
    _case(),
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
    _case(),
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
    _case(),
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
    _case(),
    Column("at", Instant, nullable=False),
    Column("during", String(40), nullable=False),
    Column("element_id", String(80)),
    Column("message", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Index("ix_incident_status", "status", "at"),
)
number_sequence = Table(
    "number_sequence",
    metadata,
    Column("scope", String(120), primary_key=True),
    Column("last", Integer, nullable=False),
)

# Files, fees, documents ---------------------------------------------------------------------------------------------
attachment = Table(
    "attachment",
    metadata,
    Column("id", Key, primary_key=True),
    _case(),
    Column("material", String(80), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("uploaded_at", Instant, nullable=False),
    Column("uploaded_by", Key),
    Column("removed_at", Instant),
    Index("ix_attachment_case", "case_id", "material"),
    Index("ix_attachment_digest", "digest"),
)
payment_notice = Table(
    "payment_notice",
    metadata,
    Column("id", Key, primary_key=True),
    _case(),
    Column("pay_code", String(20), nullable=False, unique=True),
    Column("item_code", String(20), nullable=False),
    Column("name_zh", String(100), nullable=False),
    Column("payer", String(200), nullable=False),
    Column("amount_fen", Integer, nullable=False),
    Column("lines", JSON, nullable=False),
    Column("status", String(12), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("pay_url", String(300)),
    Column("paid_at", Instant),
    Column("bank_reference", String(64), unique=True),
    Index("ix_payment_notice_case", "case_id"),
)
document = Table(
    "document",
    metadata,
    Column("id", Key, primary_key=True),
    _case(),
    Column("kind", String(40), nullable=False),
    Column("name_zh", String(100), nullable=False),
    Column("number", String(80)),
    Column("made_at", Instant, nullable=False),
    Column("content", JSON, nullable=False),
    Column("copies", Integer, nullable=False, default=0),
    UniqueConstraint("number", "kind"),
    Index("ix_document_case", "case_id"),
)
publication = Table(
    "publication",
    metadata,
    Column("case_id", Key, ForeignKey("case.id"), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("published_at", Instant, nullable=False),
    Column("fields", JSON, nullable=False),
)

# Alarms, orders, notices --------------------------------------------------------------------------------------------
alarm = Table(
    "alarm",
    metadata,
    Column("id", Key, primary_key=True),
    _case(),
    Column("subject", String(80), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("rule", String(60), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("colour", String(8), nullable=False),
    Column("status", String(16), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("department", String(16), nullable=False),
    Column("element_id", String(80)),
    Column("person_id", Key),
    Column("summary_zh", String(300), nullable=False),
    Column("summary_en", String(300), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("act_by", Instant),
    Column("closed_at", Instant),
    Column("ground", String(500)),
    UniqueConstraint("subject", "rule", "colour"),
    Index("ix_alarm_case", "case_id"),
    Index("ix_alarm_list", "department", "status", "colour", "id"),
)
supervision_order = Table(
    "supervision_order",
    metadata,
    Column("case_id", Key, ForeignKey("case.id"), primary_key=True),
    Column("about_case_id", Key, ForeignKey("case.id"), nullable=False, index=True),
    Column("department", String(16), nullable=False),
    Column("rung", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("demand", String(500), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("closed_at", Instant),
)
order_alarm = Table(
    "order_alarm",
    metadata,
    Column("alarm_id", Key, ForeignKey("alarm.id"), primary_key=True),
    Column("order_case_id", Key, ForeignKey("case.id"), nullable=False, index=True),
)
alarm_threshold = Table(
    "alarm_threshold",
    metadata,
    Column("power_item", String(40), primary_key=True),
    Column("blue_percent", Integer, nullable=False),
    Column("yellow_percent", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Key),
    Column("reason", String(500), nullable=False),
)
notice = Table(
    "notice",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", Key, ForeignKey("case.id"), index=True),
    Column("recipient", Key, ForeignKey("person.id"), index=True),
    Column("recipient_name", String(80), nullable=False),
    Column("address", String(80), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("text", String(1000), nullable=False),
    Column("status", String(12), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("receipt_at", Instant),
    Column("provider_id", String(64)),
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("idempotency_key", String(120), nullable=False, unique=True),
    Column("payload", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    # 0 waiting, 1 sent, 2 dead
    Column("state", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("sent_at", Instant),
    Index("ix_outbox_waiting", "next_at", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
)

# The rest -----------------------------------------------------------------------------------------------------------
calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("name", String(80), nullable=False),
)
setting = Table(
    "setting",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("content", JSON, nullable=False),
)
idempotency = Table(
    "idempotency",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("scope", String(80), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
)
