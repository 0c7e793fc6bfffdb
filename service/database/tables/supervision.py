"""Alarms, orders, notices and the outbox. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from service.database.metadata import metadata
from service.database.types import Instant, Key

# `case_id` is empty for what belongs to no case, or to many: its evidence names them.
alarm = Table(
    "alarm",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", Key, ForeignKey("case.id")),
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
    # What alarms that one order gathers have in common.
    Column("cause", String(120)),
    # What it came to: confirmed, excused (its `ground` says why), false.
    Column("result", String(12)),
    Column("result_at", Instant),
    Column("result_by", Key),
    # Which supervisor it was given to.
    Column("assigned_to", Key),
    Column("assigned_at", Instant),
    UniqueConstraint("subject", "rule", "colour"),
    Index("ix_alarm_case", "case_id"),
    Index("ix_alarm_cause", "cause"),
    Index("ix_alarm_person", "person_id", "rule", "raised_at"),
    Index("ix_alarm_list", "department", "status", "colour", "id"),
)
supervision_order = Table(
    "supervision_order",
    metadata,
    Column("case_id", Key, ForeignKey("case.id"), primary_key=True),
    Column("about_case_id", Key, ForeignKey("case.id"), index=True),
    Column("department", String(16), nullable=False),
    Column("rung", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("demand", String(500), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("closed_at", Instant),
    # alarm, inspection, complaint, leader (领导批示)
    Column("source", String(12), nullable=False, server_default="alarm"),
    Column("issued_by", Key),
    # The closed order that this one opens again.
    Column("reopens", Key, index=True),
    # Who is to explain and mend, where level 1 asks that of a handler.
    Column("handler_id", Key),
)
# 延期: asked by who owes a step, granted or refused by who gave it, once a rung.
order_extension = Table(
    "order_extension",
    metadata,
    Column("id", Key, primary_key=True),
    Column("order_case_id", Key, ForeignKey("case.id"), nullable=False),
    # handler, level1, level2
    Column("rung", String(10), nullable=False),
    Column("task_id", String(40), nullable=False),
    Column("element_id", String(80), nullable=False),
    Column("asked_by", Key, ForeignKey("person.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("due_before", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    # asked, granted, refused, lapsed
    Column("status", String(10), nullable=False),
    Column("decided_by", Key, ForeignKey("person.id")),
    Column("decided_at", Instant),
    Column("opinion", String(500)),
    UniqueConstraint("order_case_id", "rung"),
)
# The paper of an order (督办单) as it was signed: a version each time that it says more than the last one.
order_paper = Table(
    "order_paper",
    metadata,
    Column("order_case_id", Key, ForeignKey("supervision_order.case_id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    # SHA-256 of what it says, without what makes it a version.
    Column("said", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signature_digest", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("drawn_at", Instant, nullable=False),
    Column("drawn_by", Key, ForeignKey("person.id"), nullable=False),
    Index("ix_order_paper_digest", "digest"),
    Index("ix_order_paper_signature", "signature_digest"),
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
# What the county has chosen for a rule of supervision: for all, a category, a department or an item.
alarm_rule_setting = Table(
    "alarm_rule_setting",
    metadata,
    Column("id", Key, primary_key=True),
    Column("rule", String(60), nullable=False),
    Column("scope", String(12), nullable=False),
    # Of the scope: the category's or item's code, the department's; empty for the whole county.
    Column("value", String(40), nullable=False),
    Column("figures", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Key, ForeignKey("person.id"), nullable=False),
    Column("reason", String(500), nullable=False),
    UniqueConstraint("rule", "scope", "value"),
)
# What a person filters a list by, under a name of his own.
saved_filter = Table(
    "saved_filter",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("page", String(20), nullable=False),
    Column("name", String(40), nullable=False),
    Column("query", JSON, nullable=False),
    Column("saved_at", Instant, nullable=False),
    UniqueConstraint("person_id", "page", "name"),
)
# When a pass looked last; whoever looks holds its row.
supervision_pass = Table(
    "supervision_pass",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("looked_at", Instant, nullable=False),
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
    # When its recipient opened in the product what it tells of.
    Column("opened_at", Instant),
    Column("provider_id", String(64)),
    # The key that its message leaves by; a trigger (handing_over) hands each notice that has one to the outbox.
    Column("message_key", String(60)),
)
# What the public says of a case or a department (好差评、投诉), and what the office answers.
feedback = Table(
    "feedback",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", Key, ForeignKey("case.id")),
    Column("department", String(16), ForeignKey("department.code"), nullable=False),
    # rating, complaint
    Column("kind", String(12), nullable=False),
    Column("stars", Integer),
    Column("text", String(1000), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("answer", String(1000)),
    # Whether a complaint was found to be right; nothing of a rating.
    Column("founded", Boolean),
    Column("answered_at", Instant),
    Column("answered_by", Key, ForeignKey("person.id")),
    Index("ix_feedback_given", "given_at"),
    Index("ix_feedback_answered", "answered_at"),
    Index("ix_feedback_case", "case_id"),
    Index("ix_feedback_list", "department", "id"),
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
    # 0 waiting, 1 sent, 2 dead, 3 dismissed by a person
    Column("state", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("failed_at", Instant),
    Column("sent_at", Instant),
    # What the other side answered: its id of the message, its address for paying, its words.
    Column("receipt", String(300)),
    Column("case_id", Key),
    # Messages that wait for one and the same address; none: for that of their kind.
    Column("lane", String(60)),
    Index("ix_outbox_waiting", "next_at", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
    Index("ix_outbox_dead", "kind", "id", sqlite_where=text("state = 2"), postgresql_where=text("state = 2")),
)
outbox_decision = Table(
    "outbox_decision",
    metadata,
    Column("id", Key, primary_key=True),
    Column("outbox_id", Key, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("decision", String(12), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
)
webhook_receiver = Table(
    "webhook_receiver",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("url", String(300), nullable=False),
    # Of events; empty is every kind that is announced.
    Column("kinds", JSON, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Key, ForeignKey("person.id"), nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Key),
)
contact = Table(
    "contact",
    metadata,
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("address", String(80), nullable=False),
    Column("changed_at", Instant, nullable=False),
)
