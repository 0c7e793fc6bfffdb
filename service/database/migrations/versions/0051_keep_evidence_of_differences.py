"""Keep papers as evidence of what was decided on a difference."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
kind = "expand"


def upgrade() -> None:
    op.add_column("difference_act", sa.Column("file_digest", sa.String(length=64), nullable=True))
    op.add_column("difference_act", sa.Column("file_name", sa.String(length=255), nullable=True))
    op.add_column("difference_act", sa.Column("file_type", sa.String(length=100), nullable=True))
    op.add_column("difference_act", sa.Column("file_size", sa.BigInteger(), nullable=True))
    op.create_index("ix_difference_act_file", "difference_act", ["file_digest"], unique=False)
