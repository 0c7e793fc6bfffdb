"""Count the times of an incident."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant

revision = "0018"
down_revision = "0017"
kind = "expand"


def upgrade() -> None:
    op.add_column("incident", sa.Column("times", sa.Integer(), server_default="1", nullable=False))
    op.add_column("incident", sa.Column("last_at", Instant(), nullable=True))
