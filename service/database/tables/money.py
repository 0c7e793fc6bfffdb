"""The ledger and what stands around it. No rules live here."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

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
    Index("ix_ledger_entry_code", "pay_code"),
)
# What the bank took back (冲正): a payment of ours that it had told of, or was still to tell of.
payment_reversal = Table(
    "payment_reversal",
    metadata,
    Column("id", Key, primary_key=True),
    # The bank's number of the reversal, and that of the receipt which it undoes.
    Column("reversal_no", String(64), nullable=False, unique=True),
    Column("receipt_no", String(64), nullable=False),
    Column("pay_code", String(40), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("reversed_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    # bank, treasury
    Column("via", String(12), nullable=False),
    # waiting: for its payment; posted; refused: its payment says something else
    Column("status", String(12), nullable=False),
    Column("case_id", Key, ForeignKey("case.id")),
    Index("ix_payment_reversal_receipt", "receipt_no"),
    Index("ix_payment_reversal_case", "case_id"),
)
# A version of what an item asks for; the rules are in `content` (service.fees.standard_reading). Rows are only added.
fee_standard = Table(
    "fee_standard",
    metadata,
    Column("power_item", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("effective_on", Date, nullable=False),
    Column("content", JSON, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("laid_down_at", Instant, nullable=False),
    # None: laid down by the installation itself.
    Column("proposed_by", Key, ForeignKey("person.id")),
    Column("approved_by", Key, ForeignKey("person.id")),
    UniqueConstraint("power_item", "effective_on"),
)
# By which version a case was charged, and from which answers.
fee_assessment = Table(
    "fee_assessment",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("at", Instant, nullable=False),
    Column("power_item", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("in_force_on", Date, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("lines", JSON, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("pay_code", String(20), nullable=False, server_default=""),
    Index("ix_fee_assessment_case", "case_id"),
)
# A reduction or a refund of what a case was asked for: a case of its own decides it.
fee_change = Table(
    "fee_change",
    metadata,
    Column("case_id", Key, ForeignKey("case.id"), primary_key=True),
    Column("of_case_id", Key, ForeignKey("case.id"), nullable=False),
    # reduction, refund
    Column("kind", String(12), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    # The notice whose payment goes back; empty for a reduction.
    Column("pay_code", String(20), nullable=False, server_default=""),
    Column("legal_basis", String(300), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Key, ForeignKey("person.id"), nullable=False),
    # open, posted (a refund: the bank is told), paid_back, impossible
    Column("status", String(12), nullable=False),
    Column("settled_at", Instant),
    Column("bank_reference", String(64)),
    Index("ix_fee_change_of_case", "of_case_id"),
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
# How a file says what a receipt is, beside those that every county has (service.fees.receipt_mapping).
receipt_mapping = Table(
    "receipt_mapping",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", Key, ForeignKey("person.id"), nullable=False),
)
# A file of the bank or the treasury; the same bytes are one import.
treasury_import = Table(
    "treasury_import",
    metadata,
    Column("id", Key, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("filename", String(200), nullable=False),
    Column("mapping", String(40), nullable=False),
    Column("total_rows", Integer, nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("imported_at", Instant, nullable=False),
    # None: the machine's own command line.
    Column("imported_by", Key, ForeignKey("person.id")),
    # The text whose rows are read: of a workbook, what it was turned into. None: it was read whole, at once.
    Column("text_digest", String(64)),
)
treasury_receipt = Table(
    "treasury_receipt",
    metadata,
    Column("id", Key, primary_key=True),
    Column("import_id", Key, ForeignKey("treasury_import.id"), nullable=False),
    Column("receipt_no", String(64), nullable=False, unique=True),
    Column("pay_code", String(40), nullable=False),
    Column("dept_code", String(32), nullable=False),
    Column("item_code", String(32), nullable=False),
    Column("payer", String(200), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("treasury_on", Date),
    Column("bank", String(100), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("note", String(300), nullable=False),
    # waiting, matched, booked, differs, unmatched
    Column("status", String(12), nullable=False),
    Column("why", String(40)),
    Column("case_id", Key, ForeignKey("case.id")),
    # The notice under which it counts, whatever code it tells itself.
    Column("matched_code", String(20)),
    Index("ix_treasury_receipt_code", "pay_code"),
    Index("ix_treasury_receipt_matched", "matched_code"),
    Index("ix_treasury_receipt_list", "status", "id"),
)
# The report: each line of a file and what became of it.
treasury_row = Table(
    "treasury_row",
    metadata,
    Column("import_id", Key, ForeignKey("treasury_import.id"), primary_key=True),
    Column("row_no", Integer, primary_key=True),
    Column("receipt_no", String(64), nullable=False),
    Column("receipt_id", Key, ForeignKey("treasury_receipt.id")),
    # read: its receipt says the rest; repeated: known from an earlier file; refused, with its reason
    Column("outcome", String(12), nullable=False),
    Column("why", String(80)),
    Index("ix_treasury_row_receipt", "receipt_id"),
)
