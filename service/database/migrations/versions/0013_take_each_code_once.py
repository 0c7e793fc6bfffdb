"""Take each code once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
kind = "expand"


def upgrade() -> None:
    _person()


def _person() -> None:
    op.add_column("person", sa.Column("totp_taken", sa.BigInteger(), nullable=True))
