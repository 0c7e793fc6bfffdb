"""Let people issue orders, assign alarms and keep filters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0044"
down_revision = "0043"
kind = "expand"


def upgrade() -> None:
    op.add_column("alarm", sa.Column("assigned_to", Key, nullable=True))
    op.add_column("alarm", sa.Column("assigned_at", Instant(), nullable=True))
    source = sa.Column("source", sa.String(length=12), nullable=False, server_default="alarm")
    op.add_column("supervision_order", source)
    op.add_column("supervision_order", sa.Column("issued_by", Key, nullable=True))
    op.add_column("supervision_order", sa.Column("reopens", Key, nullable=True))
    op.create_index(op.f("ix_supervision_order_reopens"), "supervision_order", ["reopens"], unique=False)
    op.create_table(
        "saved_filter",
        sa.Column("id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_filter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("person_id", "page", "name", name=op.f("uq_saved_filter_person_id")),
    )
