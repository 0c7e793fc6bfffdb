"""The ledger and what stands around it. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint

from service.database.metadata import case_key, metadata
from service.database.types import Instant, Key

# Append-only: service.database.append_only holds the triggers.
ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("id", Key, primary_key=True),
    Column("case_id", Key, ForeignKey("case.id")),
    Column("kind", String(24), nullable=False),
    Column("reference", String(96), nullable=False),
    Column("debit", String(16), nullable=False),
    Column("credit", String(16), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("pay_code", String(20), nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Column("person_id", Key, ForeignKey("person.id")),
    Column("ground", String(500)),
    UniqueConstraint("reference", "debit", "credit", "pay_code"),
    CheckConstraint("amount_fen > 0", name="ck_ledger_entry_amount"),
    CheckConstraint("debit <> credit", name="ck_ledger_entry_accounts"),
    Index("ix_ledger_entry_case", "case_id"),
)
fine_plan = Table(
    "fine_plan",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("parts", JSON, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("decided_by", Key, ForeignKey("person.id"), nullable=False),
    Column("decided_at", Instant, nullable=False),
    Index("ix_fine_plan_case", "case_id"),
)
