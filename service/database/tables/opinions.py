"""What whoever does a task has asked others for: opinions, signatures, that they read. No rules live here."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from service.database.metadata import case_key, metadata
from service.database.types import Instant, Key

# Not rows of user_task: each of those is a task of the engine's, which these are not.
task_opinion = Table(
    "task_opinion",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("task_id", String(32), nullable=False),
    # Those who were asked together, for one result.
    Column("round", String(32), nullable=False),
    Column("way", String(12), nullable=False),
    Column("rule", String(12), nullable=False),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("asked_by", Key, ForeignKey("person.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("question", String(500), nullable=False),
    # From when it can be given: signers after the step wait for its completion.
    Column("begun_at", Instant),
    Column("answer", String(12)),
    Column("text", String(1000)),
    Column("answered_at", Instant),
    Index("ix_task_opinion_case", "case_id"),
    Index("ix_task_opinion_task", "task_id"),
    Index("ix_task_opinion_person", "person_id", "answered_at"),
)
# 授权阅件: who reads this one case without a right to it, until when.
case_reader = Table(
    "case_reader",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("granted_by", Key, ForeignKey("person.id"), nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("reads_until", Instant, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Key),
    Index("ix_case_reader_case", "case_id", "person_id"),
)
case_copy = Table(
    "case_copy",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("sent_by", Key, ForeignKey("person.id"), nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("note", String(500), nullable=False),
    Column("read_at", Instant),
    Index("ix_case_copy_case", "case_id"),
    Index("ix_case_copy_person", "person_id", "read_at"),
)
