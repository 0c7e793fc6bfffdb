"""Declared outages, and the pre-numbered paper receipts that are written in them. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table

from service.database.metadata import metadata
from service.database.types import Instant, Key

# 停机公告. `ends_at` is planned until somebody ends it; one that ends where it begins was called off.
outage = Table(
    "outage",
    metadata,
    Column("id", Key, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    # Codes; none is the whole county.
    Column("departments", JSON, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    # Until then receipts are entered without an alarm of back-filling.
    Column("enter_by", Instant, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("declared_by", Key, ForeignKey("person.id"), nullable=False),
    Column("declared_at", Instant, nullable=False),
    # What the departments did in the system within its time, as counted when it was declared and when it ended.
    Column("acts_at_declaration", Integer, nullable=False),
    Column("acts_at_end", Integer),
    Column("ended_by", Key, ForeignKey("person.id")),
    Column("ended_at", Instant),
    Column("objected_by", Key, ForeignKey("person.id")),
    Column("objected_at", Instant),
    Column("objection", String(500)),
    Index("ix_outage_ends_at", "ends_at"),
)
# Paper receipts that were printed together, with running numbers `first` to `last` of a year. It serves one outage.
receipt_block = Table(
    "receipt_block",
    metadata,
    Column("id", Key, primary_key=True),
    Column("department", String(16), ForeignKey("department.code"), nullable=False),
    # Which window they lie at.
    Column("place", String(80), nullable=False),
    Column("year", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("printed_by", Key, ForeignKey("person.id"), nullable=False),
    Column("printed_at", Instant, nullable=False),
    Column("outage_id", Key, ForeignKey("outage.id")),
    Index("ix_receipt_block_department", "department", "id"),
    Index("ix_receipt_block_outage", "outage_id"),
)
paper_receipt = Table(
    "paper_receipt",
    metadata,
    Column("id", Key, primary_key=True),
    Column("block_id", Key, ForeignKey("receipt_block.id"), nullable=False),
    Column("serial", Integer, nullable=False),
    # With the check code that nobody can make up.
    Column("number", String(40), nullable=False, unique=True),
    # blank, entered, void
    Column("status", String(8), nullable=False),
    Column("case_id", Key, ForeignKey("case.id")),
    Column("received_at", Instant),
    Column("entered_at", Instant),
    Column("entered_by", Key, ForeignKey("person.id")),
    Column("voided_at", Instant),
    Column("voided_by", Key, ForeignKey("person.id")),
    Column("void_reason", String(500)),
    Index("ix_paper_receipt_block", "block_id", "serial"),
    Index("ix_paper_receipt_case", "case_id"),
    Index("ix_paper_receipt_entered", "entered_at"),
)
