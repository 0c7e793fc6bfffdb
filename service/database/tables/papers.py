"""Files, payment notices, documents and publications. No rules live here."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from service.database.metadata import case_key, metadata
from service.database.types import Instant, Key

attachment = Table(
    "attachment",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("material", String(80), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("uploaded_at", Instant, nullable=False),
    Column("uploaded_by", Key),
    Column("removed_at", Instant),
    # A new version of the file; the old one stays on record with `removed_at`.
    Column("replaced_by", Key),
    Column("original_seen_at", Instant),
    Column("original_seen_by", Key),
    # Refused files are not on file; the reason stands in the one notice (一次性告知书).
    Column("refused_at", Instant),
    Column("refused_by", Key),
    Column("refused_because", String(500)),
    # The certificate of an earlier case that was handed in as it stands on the register.
    Column("certificate_id", Key),
    Index("ix_attachment_case", "case_id", "material"),
    Index("ix_attachment_digest", "digest"),
)
# Files that are still coming in, piece by piece; the bytes lie in the staging folder under the same id.
unfinished_upload = Table(
    "unfinished_upload",
    metadata,
    Column("id", String(32), primary_key=True),
    case_key(),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("material", String(80), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", String(64)),
    Column("began_at", Instant, nullable=False),
    Index("ix_unfinished_upload_person", "person_id"),
)
payment_notice = Table(
    "payment_notice",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("pay_code", String(20), nullable=False, unique=True),
    Column("item_code", String(20), nullable=False),
    Column("name_zh", String(100), nullable=False),
    Column("payer", String(200), nullable=False),
    Column("amount_fen", Integer, nullable=False),
    Column("lines", JSON, nullable=False),
    Column("status", String(12), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("pay_url", String(300)),
    Column("paid_at", Instant),
    Column("bank_reference", String(64), unique=True),
    Index("ix_payment_notice_case", "case_id"),
)
unmatched_payment = Table(
    "unmatched_payment",
    metadata,
    Column("id", Key, primary_key=True),
    Column("pay_code", String(40), nullable=False),
    Column("bank_reference", String(64), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("paid_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("why", String(24), nullable=False),
    Column("case_id", Key, ForeignKey("case.id")),
    Column("department", String(16)),
    Column("status", String(12), nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", Key, ForeignKey("person.id")),
    Column("ground", String(500)),
    UniqueConstraint("bank_reference", "pay_code", "amount_fen", "why"),
    Index("ix_unmatched_payment_list", "status", "department", "id"),
)
document = Table(
    "document",
    metadata,
    Column("id", Key, primary_key=True),
    case_key(),
    Column("kind", String(40), nullable=False),
    Column("name_zh", String(100), nullable=False),
    Column("number", String(80)),
    Column("made_at", Instant, nullable=False),
    Column("content", JSON, nullable=False),
    Column("copies", Integer, nullable=False, default=0),
    UniqueConstraint("number", "kind"),
    Index("ix_document_case", "case_id"),
    Index("ix_document_made", "made_at"),
)
# Each copy that left the office: its file as it was signed, and the digest of the signature's own bytes.
document_copy = Table(
    "document_copy",
    metadata,
    Column("document_id", Key, ForeignKey("document.id"), primary_key=True),
    Column("copy_no", Integer, primary_key=True),
    Column("locale", String(8), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signature_digest", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("printed_at", Instant, nullable=False),
    Column("printed_by", Key, ForeignKey("person.id")),
    Index("ix_document_copy_digest", "digest"),
    Index("ix_document_copy_signature", "signature_digest"),
)
# The county's own words of a kind of document, of one item or of all; versions are only added.
document_template = Table(
    "document_template",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", String(40), nullable=False),
    # Empty: of every item that has no words of its own.
    Column("power_item", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    # None: back to the built-in words.
    Column("sections", JSON),
    Column("reason", String(500), nullable=False),
    Column("proposed_by", Key, ForeignKey("person.id"), nullable=False),
    Column("in_force_from", Instant, nullable=False),
    UniqueConstraint("kind", "power_item", "version"),
)
# Documents printed together. The bound file is for paper and goes after a day; `results` says what came of each.
print_job = Table(
    "print_job",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("digest", String(64)),
    Column("size", Integer),
    Column("results", JSON, nullable=False),
    UniqueConstraint("person_id", "key"),
)
publication = Table(
    "publication",
    metadata,
    Column("case_id", Key, ForeignKey("case.id"), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("published_at", Instant, nullable=False),
    Column("fields", JSON, nullable=False),
    # What the public reads where it was masked as it was written: rows of key, labels and values (enquiry.disclosure).
    Column("content", JSON),
    # The last day on which the public sees it; None: for good.
    Column("until_on", Date),
    Column("withdrawn_at", Instant),
    Column("withdrawn_because", String(12)),
    Index("ix_publication_list", "until_on", "published_at"),
)
