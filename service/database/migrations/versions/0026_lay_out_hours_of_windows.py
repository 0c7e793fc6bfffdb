"""Lay out the hours of windows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Key

revision = "0026"
down_revision = "0025"
kind = "expand"


def upgrade() -> None:
    op.create_table(
        "office_window",
        sa.Column("id", Key, nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("power_items", sa.JSON(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_window")),
        sa.UniqueConstraint("department", "place", "effective_on", name=op.f("uq_office_window_department")),
    )
