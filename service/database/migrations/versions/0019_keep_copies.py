"""Keep copies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0019"
down_revision = "0018"
kind = "expand"


def upgrade() -> None:
    _case_copy()


def _case_copy() -> None:
    op.create_table(
        "case_copy",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("sent_by", Key, nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_copy_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_copy_person_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_case_copy_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_copy")),
    )
    op.create_index("ix_case_copy_case", "case_copy", ["case_id"], unique=False)
    op.create_index("ix_case_copy_person", "case_copy", ["person_id", "read_at"], unique=False)
