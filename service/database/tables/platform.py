"""Calendar, settings and idempotency keys. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Integer, LargeBinary, String, Table, UniqueConstraint

from service.database.metadata import metadata
from service.database.types import Instant, Key

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("name", String(80), nullable=False),
)
# Hours of a window (窗口) from a day on; no department: the county's own; no place: a department's main one.
office_window = Table(
    "office_window",
    metadata,
    Column("id", Key, primary_key=True),
    Column("department", String(16), nullable=False),
    Column("place", String(80), nullable=False),
    # The items that are handled there; none: whatever no other window of the department handles.
    Column("power_items", JSON, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("hours", JSON, nullable=False),
    UniqueConstraint("department", "place", "effective_on"),
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
