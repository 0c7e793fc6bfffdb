"""What administrators change in the office, and what they propose to one another. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table

from service.database.metadata import metadata
from service.database.types import Instant, Key

# Append-only by convention: every change with what was before and after, and why.
office_change = Table(
    "office_change",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    # None is the installation itself.
    Column("actor", Key, ForeignKey("person.id")),
    Column("proposer", Key, ForeignKey("person.id")),
    Column("kind", String(40), nullable=False),
    # `person/12`, `department/YJ`, `permission/start_case`.
    Column("subject", String(80), nullable=False),
    Column("before", JSON),
    Column("after", JSON),
    Column("reason", String(500), nullable=False),
    Index("ix_office_change_subject", "subject", "id"),
)
# What takes two people: one proposes, another decides.
proposal = Table(
    "proposal",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("content", JSON, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("proposed_by", Key, ForeignKey("person.id"), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("status", String(12), nullable=False),
    Column("decided_by", Key, ForeignKey("person.id")),
    Column("decided_at", Instant),
    Column("ground", String(500)),
    Index("ix_proposal_status", "status", "id"),
    Index("ix_proposal_subject", "subject", "id"),
)
