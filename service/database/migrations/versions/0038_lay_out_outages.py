"""Lay out declared outages and their paper receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0038"
down_revision = "0037"
kind = "expand"


def upgrade() -> None:
    _lay_out_outages()
    _lay_out_receipts()


def _lay_out_outages() -> None:
    op.create_table(
        "outage",
        sa.Column("id", Key, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("departments", sa.JSON(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("enter_by", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("declared_by", Key, nullable=False),
        sa.Column("declared_at", Instant(), nullable=False),
        sa.Column("acts_at_declaration", sa.Integer(), nullable=False),
        sa.Column("acts_at_end", sa.Integer(), nullable=True),
        sa.Column("ended_by", Key, nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("objected_by", Key, nullable=True),
        sa.Column("objected_at", Instant(), nullable=True),
        sa.Column("objection", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_outage_declared_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_outage_ended_by")),
        sa.ForeignKeyConstraint(["objected_by"], ["person.id"], name=op.f("fk_outage_objected_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
        sa.UniqueConstraint("number", name=op.f("uq_outage_number")),
    )
    op.create_index("ix_outage_ends_at", "outage", ["ends_at"], unique=False)


def _lay_out_receipts() -> None:
    op.create_table(
        "receipt_block",
        sa.Column("id", Key, nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("printed_by", Key, nullable=False),
        sa.Column("printed_at", Instant(), nullable=False),
        sa.Column("outage_id", Key, nullable=True),
        sa.ForeignKeyConstraint(["department"], ["department.code"], name=op.f("fk_receipt_block_department")),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.id"], name=op.f("fk_receipt_block_outage_id")),
        sa.ForeignKeyConstraint(["printed_by"], ["person.id"], name=op.f("fk_receipt_block_printed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_block")),
    )
    op.create_index("ix_receipt_block_department", "receipt_block", ["department", "id"], unique=False)
    op.create_index("ix_receipt_block_outage", "receipt_block", ["outage_id"], unique=False)
    op.create_table(
        "paper_receipt",
        sa.Column("id", Key, nullable=False),
        sa.Column("block_id", Key, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("case_id", Key, nullable=True),
        sa.Column("received_at", Instant(), nullable=True),
        sa.Column("entered_at", Instant(), nullable=True),
        sa.Column("entered_by", Key, nullable=True),
        sa.Column("voided_at", Instant(), nullable=True),
        sa.Column("voided_by", Key, nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["block_id"], ["receipt_block.id"], name=op.f("fk_paper_receipt_block_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_paper_receipt_case_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_paper_receipt_entered_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["person.id"], name=op.f("fk_paper_receipt_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_paper_receipt_number")),
    )
    op.create_index("ix_paper_receipt_block", "paper_receipt", ["block_id", "serial"], unique=False)
    op.create_index("ix_paper_receipt_case", "paper_receipt", ["case_id"], unique=False)
    op.create_index("ix_paper_receipt_entered", "paper_receipt", ["entered_at"], unique=False)
