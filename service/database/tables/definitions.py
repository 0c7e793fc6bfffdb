"""Power items, diagrams and forms. No rules live here."""

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
    UniqueConstraint,
)

from service.database.metadata import metadata
from service.database.types import Instant, Key

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
