"""Say who gives a book of tickets back, and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0050"
down_revision = "0049"
kind = "expand"


def upgrade() -> None:
    op.add_column("ticket_book", sa.Column("offered_by", Key, nullable=True))
    op.add_column("ticket_book", sa.Column("offered_at", Instant(), nullable=True))
