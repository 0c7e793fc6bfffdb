"""Keep who signed in, for the supervision log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0040"
down_revision = "0039"
kind = "expand"


def upgrade() -> None:
    op.create_table(
        "signing_in",
        sa.Column("id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("terminal", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signing_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_in")),
    )
    op.create_index("ix_signing_in_at", "signing_in", ["at"], unique=False)
