"""Keep what the public reads of a penalty as it was masked, and take it down again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant

revision = "0036"
down_revision = "0035"
kind = "expand"


def upgrade() -> None:
    op.add_column("publication", sa.Column("content", sa.JSON(), nullable=True))
    op.add_column("publication", sa.Column("until_on", sa.Date(), nullable=True))
    op.add_column("publication", sa.Column("withdrawn_at", Instant(), nullable=True))
    op.add_column("publication", sa.Column("withdrawn_because", sa.String(length=12), nullable=True))
    op.create_index("ix_publication_list", "publication", ["until_on", "published_at"], unique=False)
