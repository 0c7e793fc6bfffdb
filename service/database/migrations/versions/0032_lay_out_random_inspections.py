"""Lay out the pools and draws of random inspections, and tasks that are named persons' own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0032"
down_revision = "0031"
kind = "expand"


def upgrade() -> None:
    op.add_column("user_task", sa.Column("named", sa.String(length=200), nullable=True))
    _pools()
    _draws()


def _pools() -> None:
    op.create_table(
        "inspection_object",
        sa.Column("id", Key, nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("matters", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_object")),
    )
    op.create_index("ix_inspection_object_code", "inspection_object", ["department", "credit_code"], unique=True)
    op.create_table(
        "officer_interest",
        sa.Column("id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("declared_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_officer_interest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_interest")),
    )
    op.create_index("ix_officer_interest_pair", "officer_interest", ["person_id", "credit_code"], unique=True)


def _draws() -> None:
    op.create_table(
        "inspection_draw",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("pool", sa.JSON(), nullable=False),
        sa.Column("pool_digest", sa.String(length=64), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("frozen_at", Instant(), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=True),
        sa.Column("approval", sa.String(length=160), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("drawn", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_inspection_draw_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_draw")),
    )
    op.create_index("ix_inspection_draw_case", "inspection_draw", ["case_id"], unique=False)
