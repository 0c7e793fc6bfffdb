"""Keep what the public says of the office with its answer, and when a notice's matter was opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0042"
down_revision = "0041"
kind = "expand"


def upgrade() -> None:
    op.add_column("notice", sa.Column("opened_at", Instant(), nullable=True))
    op.create_table(
        "feedback",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=True),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("answer", sa.String(length=1000), nullable=True),
        sa.Column("founded", sa.Boolean(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_feedback_answered_by")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_feedback_case_id")),
        sa.ForeignKeyConstraint(["department"], ["department.code"], name=op.f("fk_feedback_department")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_given", "feedback", ["given_at"], unique=False)
    op.create_index("ix_feedback_answered", "feedback", ["answered_at"], unique=False)
    op.create_index("ix_feedback_case", "feedback", ["case_id"], unique=False)
    op.create_index("ix_feedback_list", "feedback", ["department", "id"], unique=False)
