"""Books of numbered tickets for fines that are taken on the spot, and what became of each leaf. No rules live here."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from service.database.metadata import metadata
from service.database.types import Instant, Key

# 罚款专用票据本: running numbers `first` to `last` of a series that finance has issued to a department.
ticket_book = Table(
    "ticket_book",
    metadata,
    Column("id", Key, primary_key=True),
    Column("series", String(20), nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("department", String(16), ForeignKey("department.code"), nullable=False),
    Column("registered_by", Key, ForeignKey("person.id"), nullable=False),
    Column("registered_at", Instant, nullable=False),
    # The officer who has it in his hands.
    Column("officer", Key, ForeignKey("person.id")),
    Column("allotted_by", Key, ForeignKey("person.id")),
    Column("allotted_at", Instant),
    # Given back, by the officer or by another for him; in his hands still until somebody has counted it.
    Column("offered_by", Key),
    Column("offered_at", Instant),
    UniqueConstraint("series", "first"),
    Index("ix_ticket_book_department", "department", "id"),
    Index("ix_ticket_book_officer", "officer"),
)
fine_ticket = Table(
    "fine_ticket",
    metadata,
    Column("id", Key, primary_key=True),
    Column("book_id", Key, ForeignKey("ticket_book.id"), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("number", String(32), nullable=False, unique=True),
    # blank, used, void, lost
    Column("status", String(8), nullable=False),
    # Void or lost: by whom, and why; of a void one both parts are kept.
    Column("settled_by", Key, ForeignKey("person.id")),
    Column("settled_at", Instant),
    Column("settled_reason", String(500)),
    Column("both_parts_kept", Boolean),
    # Used: for which case, how much, on which ground of law, and the way of the money from there.
    Column("case_id", Key, ForeignKey("case.id")),
    Column("amount_fen", BigInteger),
    Column("ground", String(16)),
    Column("taken_by", Key, ForeignKey("person.id")),
    Column("taken_at", Instant),
    Column("hand_over_by", Instant),
    Column("offered_at", Instant),
    Column("received_by", Key, ForeignKey("person.id")),
    Column("received_at", Instant),
    Column("bank_by", Instant),
    Column("pay_code", String(20), unique=True),
    Column("banked_at", Instant),
    Index("ix_fine_ticket_book", "book_id", "serial"),
    Index("ix_fine_ticket_case", "case_id"),
    # What is in somebody's hands: the pass of supervision asks for it each minute.
    Index("ix_fine_ticket_taken", "taken_at"),
)
