"""Let a department read the cases of others in which it has a task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Key

revision = "0028"
down_revision = "0027"
kind = "expand"

_FROM_TASKS = """
INSERT INTO case_department (department, case_id)
SELECT DISTINCT user_task.department, user_task.case_id
FROM user_task JOIN "case" ON "case".id = user_task.case_id
WHERE user_task.department <> "case".department
"""


def upgrade() -> None:
    op.create_table(
        "case_department",
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_department_case_id")),
        sa.PrimaryKeyConstraint("department", "case_id", name=op.f("pk_case_department")),
    )
    op.create_index("ix_case_department_case", "case_department", ["case_id"], unique=False)
    op.execute(_FROM_TASKS)
