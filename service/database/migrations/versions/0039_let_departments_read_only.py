"""Let a department read a case of another's in which it has no task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
kind = "expand"


def upgrade() -> None:
    op.add_column("case_department", sa.Column("reads_only", sa.Boolean(), nullable=False, server_default=sa.false()))
