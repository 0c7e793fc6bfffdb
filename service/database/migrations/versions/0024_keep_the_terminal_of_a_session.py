"""Keep the terminal at which a session was opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
kind = "expand"


def upgrade() -> None:
    op.add_column("session", sa.Column("terminal", sa.String(32), nullable=True))
