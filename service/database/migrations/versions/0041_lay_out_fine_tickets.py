"""Lay out the books of tickets for fines that are taken on the spot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0041"
down_revision = "0040"
kind = "expand"


def upgrade() -> None:
    _lay_out_books()
    _lay_out_tickets()


def _lay_out_books() -> None:
    op.create_table(
        "ticket_book",
        sa.Column("id", Key, nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("registered_by", Key, nullable=False),
        sa.Column("registered_at", Instant(), nullable=False),
        sa.Column("officer", Key, nullable=True),
        sa.Column("allotted_by", Key, nullable=True),
        sa.Column("allotted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["department"], ["department.code"], name=op.f("fk_ticket_book_department")),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("fk_ticket_book_registered_by")),
        sa.ForeignKeyConstraint(["officer"], ["person.id"], name=op.f("fk_ticket_book_officer")),
        sa.ForeignKeyConstraint(["allotted_by"], ["person.id"], name=op.f("fk_ticket_book_allotted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_book")),
        sa.UniqueConstraint("series", "first", name=op.f("uq_ticket_book_series")),
    )
    op.create_index("ix_ticket_book_department", "ticket_book", ["department", "id"], unique=False)
    op.create_index("ix_ticket_book_officer", "ticket_book", ["officer"], unique=False)


def _lay_out_tickets() -> None:
    op.create_table(
        "fine_ticket",
        sa.Column("id", Key, nullable=False),
        sa.Column("book_id", Key, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("settled_by", Key, nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_reason", sa.String(length=500), nullable=True),
        sa.Column("both_parts_kept", sa.Boolean(), nullable=True),
        sa.Column("case_id", Key, nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("ground", sa.String(length=16), nullable=True),
        sa.Column("taken_by", Key, nullable=True),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.Column("hand_over_by", Instant(), nullable=True),
        sa.Column("offered_at", Instant(), nullable=True),
        sa.Column("received_by", Key, nullable=True),
        sa.Column("received_at", Instant(), nullable=True),
        sa.Column("bank_by", Instant(), nullable=True),
        sa.Column("pay_code", sa.String(length=20), nullable=True),
        sa.Column("banked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["book_id"], ["ticket_book.id"], name=op.f("fk_fine_ticket_book_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_fine_ticket_case_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_fine_ticket_settled_by")),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("fk_fine_ticket_taken_by")),
        sa.ForeignKeyConstraint(["received_by"], ["person.id"], name=op.f("fk_fine_ticket_received_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fine_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_fine_ticket_number")),
        sa.UniqueConstraint("pay_code", name=op.f("uq_fine_ticket_pay_code")),
    )
    op.create_index("ix_fine_ticket_book", "fine_ticket", ["book_id", "serial"], unique=False)
    op.create_index("ix_fine_ticket_case", "fine_ticket", ["case_id"], unique=False)
    op.create_index("ix_fine_ticket_taken", "fine_ticket", ["taken_at"], unique=False)
