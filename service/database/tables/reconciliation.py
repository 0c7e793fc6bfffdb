"""What comparing the treasury with the system leaves: differences, what people made of them, totals. No rules here."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from service.database.metadata import metadata
from service.database.types import Instant, Key

# A file that somebody has looked at and not taken in yet; swept away after a day.
receipt_preview = Table(
    "receipt_preview",
    metadata,
    Column("id", Key, primary_key=True),
    Column("digest", String(64), nullable=False),
    # The text that is read: of a workbook, its rows.
    Column("text_digest", String(64), nullable=False),
    Column("filename", String(200), nullable=False),
    # What reading the whole file has found (service.fees.receipt_file.Scan).
    Column("found", JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Key, ForeignKey("person.id"), nullable=False),
)
# What a person has said of a receipt that found no notice by itself: that it pays this one, or does not. Rows are only
# added; what is confirmed counts.
receipt_share = Table(
    "receipt_share",
    metadata,
    Column("id", Key, primary_key=True),
    Column("receipt_id", Key, ForeignKey("treasury_receipt.id"), nullable=False),
    Column("pay_code", String(20), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    # proposed, confirmed, declined
    Column("decision", String(12), nullable=False),
    # The number under which the money stands in the ledger: the bank's own, or that by which the share is booked.
    Column("stands_for", String(64), nullable=False, server_default=""),
    Column("reason", String(500), nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("decided_by", Key, ForeignKey("person.id"), nullable=False),
    Index("ix_receipt_share_receipt", "receipt_id", "decision"),
    Index("ix_receipt_share_code", "pay_code"),
)
# D1 to D10 as the last comparison found them; a difference that is gone keeps its row and its trail.
treasury_difference = Table(
    "treasury_difference",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", String(3), nullable=False),
    Column("pay_code", String(40), nullable=False),
    Column("receipt_no", String(64), nullable=False),
    Column("department", String(32), nullable=False),
    Column("item_code", String(32), nullable=False),
    Column("power_item", String(40), nullable=False, server_default=""),
    Column("month", String(7), nullable=False),
    Column("on_day", Date, nullable=False),
    Column("payer", String(200), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("receipt_id", Key, ForeignKey("treasury_receipt.id")),
    Column("case_id", Key, ForeignKey("case.id")),
    # open, explained, entered_late, off_system, ordered, cleared
    Column("status", String(12), nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    # The alarm under which it was ordered.
    Column("alarm_id", Key, ForeignKey("alarm.id")),
    UniqueConstraint("kind", "pay_code", "receipt_no"),
    Index("ix_treasury_difference_list", "department", "status", "id"),
    Index("ix_treasury_difference_status", "status", "kind", "id"),
    Index("ix_treasury_difference_receipt", "receipt_id"),
)
# The trail of a difference: what people said and decided, and what comparisons changed. Rows are only added.
difference_act = Table(
    "difference_act",
    metadata,
    Column("id", Key, primary_key=True),
    Column("difference_id", Key, ForeignKey("treasury_difference.id"), nullable=False),
    Column("at", Instant, nullable=False),
    # None: a comparison.
    Column("person_id", Key, ForeignKey("person.id")),
    # statement, explained, entered_late, off_system, reopened, ordered, cleared, returned, changed
    Column("act", String(12), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("evidence", String(300), nullable=False, server_default=""),
    # The paper that shows it, by its SHA-256 in the store of files.
    Column("file_digest", String(64)),
    Column("file_name", String(255)),
    Column("file_type", String(100)),
    Column("file_size", BigInteger),
    Index("ix_difference_act_file", "file_digest"),
    Index("ix_difference_act_difference", "difference_id"),
)
# What the treasury and the system have, by department, item and month, at the last comparison.
reconciliation_total = Table(
    "reconciliation_total",
    metadata,
    Column("department", String(32), primary_key=True),
    Column("item_code", String(32), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("treasury_fen", BigInteger, nullable=False),
    Column("system_fen", BigInteger, nullable=False),
    Column("receipts", Integer, nullable=False),
)
reconciliation_run = Table(
    "reconciliation_run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("notices", Integer, nullable=False),
    Column("receipts", Integer, nullable=False),
    Column("payments", Integer, nullable=False),
    Column("differences", Integer, nullable=False),
)
# Cases that the system does not have, as the departments counted them: last year's, or those older than the system.
earlier_volume = Table(
    "earlier_volume",
    metadata,
    Column("department", String(16), primary_key=True),
    Column("category", String(2), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("cases", Integer, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("taken_at", Instant, nullable=False),
    # None: the machine's own command line.
    Column("taken_by", Key, ForeignKey("person.id")),
)
