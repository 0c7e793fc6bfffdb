"""Certificates that were given out and what became of them. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, String, Table

from service.database.metadata import case_key, metadata
from service.database.types import Instant, Key

# A row for each certificate, from its first copy on; the document says what it grants.
certificate = Table(
    "certificate",
    metadata,
    Column("document_id", Key, ForeignKey("document.id"), primary_key=True),
    case_key(),
    Column("department", String(16), nullable=False),
    Column("power_item", String(40)),
    Column("number", String(80), nullable=False),
    Column("name_zh", String(100), nullable=False),
    Column("holder", String(200), nullable=False),
    # Credit code or ID number of the holder: by it certificates of earlier cases are found again.
    Column("holder_code", String(32)),
    Column("issued_at", Instant, nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("standing", String(12), nullable=False),
    Column("ended_at", Instant),
    Column("ended_because", String(500)),
    Column("ended_by", Key, ForeignKey("case.id")),
    Column("replaced_by", Key, ForeignKey("document.id")),
    Column("reminded_at", Instant),
    Index("ix_certificate_list", "department", "standing", "valid_until"),
    Index("ix_certificate_number", "number"),
    Index("ix_certificate_holder", "holder_code"),
    Index("ix_certificate_case", "case_id"),
)
# What a case of the office's own is about.
certificate_change = Table(
    "certificate_change",
    metadata,
    Column("case_id", Key, ForeignKey("case.id"), primary_key=True),
    Column("document_id", Key, ForeignKey("document.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("legal_basis", String(300), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("corrections", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Key, ForeignKey("person.id"), nullable=False),
    Column("closed_at", Instant),
    Index("ix_certificate_change_document", "document_id"),
)
