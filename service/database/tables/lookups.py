"""What was looked up in official registers: by whom, for what, and what came of it. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table

from service.database.metadata import metadata
from service.database.types import Instant, Key

official_lookup = Table(
    "official_lookup",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("register", String(20), nullable=False),
    # Of whom, as a digest by the installation's key, and masked for people to read.
    Column("subject", String(64), nullable=False),
    Column("subject_masked", String(40), nullable=False),
    Column("power_item", String(40)),
    Column("form_key", String(80), nullable=False),
    Column("field", String(80), nullable=False),
    Column("purpose", String(200), nullable=False),
    # None until the case that is being entered has its number.
    Column("case_id", Key, ForeignKey("case.id")),
    Column("outcome", String(20), nullable=False),
    Column("answer", JSON),
    Index("ix_official_lookup_person", "person_id", "at"),
    Index("ix_official_lookup_case", "case_id"),
)
