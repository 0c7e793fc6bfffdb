"""Random inspections: who may be inspected, who has an interest in whom, and every draw. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table

from service.database.metadata import metadata
from service.database.types import Instant, Key

# 检查对象名录库
inspection_object = Table(
    "inspection_object",
    metadata,
    Column("id", Key, primary_key=True),
    Column("department", String(16), nullable=False),
    Column("credit_code", String(18), nullable=False),
    Column("name", String(200), nullable=False),
    Column("address", String(300), nullable=False),
    # What it is inspected for: the values of the plan's choice, such as food.
    Column("matters", JSON, nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Index("ix_inspection_object_code", "department", "credit_code", unique=True),
)
# What an officer has declared: not to inspect this object (回避).
officer_interest = Table(
    "officer_interest",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("credit_code", String(18), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("declared_at", Instant, nullable=False),
    # Set once a second person has agreed that the interest is over.
    Column("ended_at", Instant),
    Index("ix_officer_interest_pair", "person_id", "credit_code", unique=True),
)
# 暂停抽取: who holds the post of officer and is not drawn, such as while the certificate (执法证) is not valid.
draw_exclusion = Table(
    "draw_exclusion",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("department", String(16), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("since", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_draw_exclusion_department", "department", "person_id"),
)
# One row for each time that the pools were frozen. `secret` is told only once the draw is made.
inspection_draw = Table(
    "inspection_draw",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", Key, ForeignKey("case.id"), nullable=False),
    Column("commitment", String(64), nullable=False),
    Column("secret", String(64), nullable=False),
    Column("pool", JSON, nullable=False),
    Column("pool_digest", String(64), nullable=False),
    Column("percent", Integer, nullable=False),
    Column("frozen_at", Instant, nullable=False),
    Column("drawn_at", Instant),
    Column("approval", String(160)),
    Column("seed", String(64)),
    # [{"object", "officers"}], as drawn.
    Column("drawn", JSON),
    Index("ix_inspection_draw_case", "case_id"),
)
