"""Lay out opinions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0017"
down_revision = "0016"
kind = "expand"


def upgrade() -> None:
    _task_opinion()
    _user_task()


def _task_opinion() -> None:
    op.create_table(
        "task_opinion",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("round", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("asked_by", Key, nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("question", sa.String(length=500), nullable=False),
        sa.Column("begun_at", Instant(), nullable=True),
        sa.Column("answer", sa.String(length=12), nullable=True),
        sa.Column("text", sa.String(length=1000), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_task_opinion_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_task_opinion_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_opinion_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_opinion")),
    )
    op.create_index("ix_task_opinion_case", "task_opinion", ["case_id"], unique=False)
    op.create_index("ix_task_opinion_person", "task_opinion", ["person_id", "answered_at"], unique=False)
    op.create_index("ix_task_opinion_task", "task_opinion", ["task_id"], unique=False)


def _user_task() -> None:
    op.add_column("user_task", sa.Column("held_by", sa.Integer(), nullable=True))
    op.add_column("user_task", sa.Column("followed_by", sa.Integer(), nullable=True))
    op.add_column("user_task", sa.Column("held_for", sa.String(length=32), nullable=True))
