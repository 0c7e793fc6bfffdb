"""Keep who was let read a single case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0045"
down_revision = "0044"
kind = "expand"


def upgrade() -> None:
    op.create_table(
        "case_reader",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("granted_by", Key, nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.Column("reads_until", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_reader_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_reader_person_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_case_reader_granted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reader")),
    )
    op.create_index("ix_case_reader_case", "case_reader", ["case_id", "person_id"], unique=False)
