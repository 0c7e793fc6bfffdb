"""Keep what was looked up in official registers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0035"
down_revision = "0034"
kind = "expand"


def upgrade() -> None:
    op.create_table(
        "official_lookup",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("register", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("subject_masked", sa.String(length=40), nullable=False),
        sa.Column("power_item", sa.String(length=40), nullable=True),
        sa.Column("form_key", sa.String(length=80), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("case_id", Key, nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_official_lookup_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_official_lookup_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_lookup")),
    )
    op.create_index("ix_official_lookup_person", "official_lookup", ["person_id", "at"], unique=False)
    op.create_index("ix_official_lookup_case", "official_lookup", ["case_id"], unique=False)
