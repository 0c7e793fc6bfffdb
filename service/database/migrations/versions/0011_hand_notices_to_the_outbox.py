"""Hand notices to the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.handing_over import hand_notices_over

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("notice", sa.Column("message_key", sa.String(length=60), nullable=True))
    hand_notices_over(op.get_bind())
