"""Bind the second officer's signature to the content that he signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
kind = "expand"


def upgrade() -> None:
    op.add_column("user_task", sa.Column("signed_digest", sa.String(length=64), nullable=True))
