"""Keep the papers of supervision orders as they were signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0053"
down_revision = "0052"
kind = "expand"


def upgrade() -> None:
    op.create_table(
        "order_paper",
        sa.Column("order_case_id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signature_digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=False),
        sa.Column("drawn_by", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_case_id"], ["supervision_order.case_id"], name=op.f("fk_order_paper_order_case_id")
        ),
        sa.ForeignKeyConstraint(["drawn_by"], ["person.id"], name=op.f("fk_order_paper_drawn_by")),
        sa.PrimaryKeyConstraint("order_case_id", "version", name=op.f("pk_order_paper")),
    )
    op.create_index("ix_order_paper_digest", "order_paper", ["digest"], unique=False)
    op.create_index("ix_order_paper_signature", "order_paper", ["signature_digest"], unique=False)
