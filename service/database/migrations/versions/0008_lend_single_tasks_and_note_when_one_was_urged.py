"""Lend single tasks and note when one was urged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant

revision = "0008"
down_revision = "0007"
kind = "expand"


def upgrade() -> None:
    _delegation()
    _user_task()


def _delegation() -> None:
    op.add_column("delegation", sa.Column("task_id", sa.String(length=32), nullable=True))


def _user_task() -> None:
    op.add_column("user_task", sa.Column("urged_at", Instant(), nullable=True))
