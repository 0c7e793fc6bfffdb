"""Lay out files, fees and documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _attachment()
    _document()
    _payment_notice()
    _publication()


def _attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("material", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", Instant(), nullable=False),
        sa.Column("uploaded_by", Key, nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_attachment_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_case", "attachment", ["case_id", "material"], unique=False)
    op.create_index("ix_attachment_digest", "attachment", ["digest"], unique=False)


def _document() -> None:
    op.create_table(
        "document",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_document_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("number", "kind", name=op.f("uq_document_number")),
    )
    op.create_index("ix_document_case", "document", ["case_id"], unique=False)


def _payment_notice() -> None:
    op.create_table(
        "payment_notice",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("pay_code", sa.String(length=20), nullable=False),
        sa.Column("item_code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("payer", sa.String(length=200), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("pay_url", sa.String(length=300), nullable=True),
        sa.Column("paid_at", Instant(), nullable=True),
        sa.Column("bank_reference", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_payment_notice_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_notice")),
        sa.UniqueConstraint("bank_reference", name=op.f("uq_payment_notice_bank_reference")),
        sa.UniqueConstraint("pay_code", name=op.f("uq_payment_notice_pay_code")),
    )
    op.create_index("ix_payment_notice_case", "payment_notice", ["case_id"], unique=False)


def _publication() -> None:
    op.create_table(
        "publication",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_publication_case_id")),
        sa.PrimaryKeyConstraint("case_id", "stage", name=op.f("pk_publication")),
    )
