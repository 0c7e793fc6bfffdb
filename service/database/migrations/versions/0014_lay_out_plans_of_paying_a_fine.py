"""Lay out plans of paying a fine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0014"
down_revision = "0013"
kind = "expand"


def upgrade() -> None:
    _fine_plan()


def _fine_plan() -> None:
    op.create_table(
        "fine_plan",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", Key, nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_fine_plan_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_fine_plan_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fine_plan")),
    )
    op.create_index("ix_fine_plan_case", "fine_plan", ["case_id"], unique=False)
