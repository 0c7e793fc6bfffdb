"""Keep versions and examinations of attachments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0010"
down_revision = "0009"
kind = "expand"


def upgrade() -> None:
    _attachment()


def _attachment() -> None:
    op.add_column("attachment", sa.Column("replaced_by", Key, nullable=True))
    op.add_column("attachment", sa.Column("original_seen_at", Instant(), nullable=True))
    op.add_column("attachment", sa.Column("original_seen_by", Key, nullable=True))
    op.add_column("attachment", sa.Column("refused_at", Instant(), nullable=True))
    op.add_column("attachment", sa.Column("refused_by", Key, nullable=True))
    op.add_column("attachment", sa.Column("refused_because", sa.String(length=500), nullable=True))
