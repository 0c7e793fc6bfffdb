"""Keep document copies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0015"
down_revision = "0014"
kind = "expand"


def upgrade() -> None:
    _document_copy()


def _document_copy() -> None:
    op.create_table(
        "document_copy",
        sa.Column("document_id", Key, nullable=False),
        sa.Column("copy_no", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signature_digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("printed_at", Instant(), nullable=False),
        sa.Column("printed_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_copy_document_id")),
        sa.ForeignKeyConstraint(["printed_by"], ["person.id"], name=op.f("fk_document_copy_printed_by")),
        sa.PrimaryKeyConstraint("document_id", "copy_no", name=op.f("pk_document_copy")),
    )
    op.create_index("ix_document_copy_digest", "document_copy", ["digest"], unique=False)
    op.create_index("ix_document_copy_signature", "document_copy", ["signature_digest"], unique=False)
