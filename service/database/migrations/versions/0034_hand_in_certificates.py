"""Let a certificate of an earlier case stand for a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Key

revision = "0034"
down_revision = "0033"
kind = "expand"


def upgrade() -> None:
    op.add_column("attachment", sa.Column("certificate_id", Key, nullable=True))
