"""Calendar, settings and idempotency keys. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Integer, LargeBinary, String, Table

from service.database.metadata import metadata
from service.database.types import Instant

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
