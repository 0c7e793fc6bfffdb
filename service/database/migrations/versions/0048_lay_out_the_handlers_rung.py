"""Let orders name a handler, and lay out extensions of orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0048"
down_revision = "0047"
kind = "expand"


def upgrade() -> None:
    op.add_column("supervision_order", sa.Column("handler_id", Key, nullable=True))
    op.create_table(
        "order_extension",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_case_id", Key, nullable=False),
        sa.Column("rung", sa.String(length=10), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("element_id", sa.String(length=80), nullable=False),
        sa.Column("asked_by", Key, nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("due_before", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("decided_by", Key, nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("opinion", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["order_case_id"], ["case.id"], name=op.f("fk_order_extension_order_case_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_order_extension_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_order_extension_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_extension")),
        sa.UniqueConstraint("order_case_id", "rung", name=op.f("uq_order_extension_order_case_id")),
    )
