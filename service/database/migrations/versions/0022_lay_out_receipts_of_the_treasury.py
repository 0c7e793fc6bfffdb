"""Lay out receipts of the treasury."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0022"
down_revision = "0021"
kind = "expand"


def upgrade() -> None:
    _receipt_mapping()
    _treasury_import()
    _treasury_receipt()
    _treasury_row()


def _receipt_mapping() -> None:
    op.create_table(
        "receipt_mapping",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("saved_by", Key, nullable=False),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_receipt_mapping_saved_by")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_receipt_mapping")),
    )


def _treasury_import() -> None:
    op.create_table(
        "treasury_import",
        sa.Column("id", Key, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("mapping", sa.String(length=40), nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.Column("imported_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["imported_by"], ["person.id"], name=op.f("fk_treasury_import_imported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treasury_import")),
        sa.UniqueConstraint("digest", name=op.f("uq_treasury_import_digest")),
    )


def _treasury_receipt() -> None:
    op.create_table(
        "treasury_receipt",
        sa.Column("id", Key, nullable=False),
        sa.Column("import_id", Key, nullable=False),
        sa.Column("receipt_no", sa.String(length=64), nullable=False),
        sa.Column("pay_code", sa.String(length=40), nullable=False),
        sa.Column("dept_code", sa.String(length=32), nullable=False),
        sa.Column("item_code", sa.String(length=32), nullable=False),
        sa.Column("payer", sa.String(length=200), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("treasury_on", sa.Date(), nullable=True),
        sa.Column("bank", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("case_id", Key, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_treasury_receipt_case_id")),
        sa.ForeignKeyConstraint(["import_id"], ["treasury_import.id"], name=op.f("fk_treasury_receipt_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treasury_receipt")),
        sa.UniqueConstraint("receipt_no", name=op.f("uq_treasury_receipt_receipt_no")),
    )
    op.create_index("ix_treasury_receipt_code", "treasury_receipt", ["pay_code"], unique=False)
    op.create_index("ix_treasury_receipt_list", "treasury_receipt", ["status", "id"], unique=False)


def _treasury_row() -> None:
    op.create_table(
        "treasury_row",
        sa.Column("import_id", Key, nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("receipt_no", sa.String(length=64), nullable=False),
        sa.Column("receipt_id", Key, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["treasury_import.id"], name=op.f("fk_treasury_row_import_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["treasury_receipt.id"], name=op.f("fk_treasury_row_receipt_id")),
        sa.PrimaryKeyConstraint("import_id", "row_no", name=op.f("pk_treasury_row")),
    )
    op.create_index("ix_treasury_row_receipt", "treasury_row", ["receipt_id"], unique=False)
