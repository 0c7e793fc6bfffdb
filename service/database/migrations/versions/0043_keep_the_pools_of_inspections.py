"""Keep who is taken out of the draw of inspections, and when an officer's interest is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0043"
down_revision = "0042"
kind = "expand"


def upgrade() -> None:
    op.create_table(
        "draw_exclusion",
        sa.Column("id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draw_exclusion_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_exclusion")),
    )
    op.create_index("ix_draw_exclusion_department", "draw_exclusion", ["department", "person_id"], unique=False)
    op.add_column("officer_interest", sa.Column("ended_at", Instant(), nullable=True))
