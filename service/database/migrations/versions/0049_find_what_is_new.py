"""Find what is new for the passes of supervision: alarms of a person, documents by their day, steps by their end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
kind = "expand"


def upgrade() -> None:
    op.create_index("ix_alarm_person", "alarm", ["person_id", "rule", "raised_at"], unique=False)
    op.create_index("ix_document_made", "document", ["made_at"], unique=False)
    op.create_index(
        "ix_user_task_completed",
        "user_task",
        ["completed_at"],
        unique=False,
        sqlite_where=sa.text("completed_at IS NOT NULL"),
        postgresql_where=sa.text("completed_at IS NOT NULL"),
    )
