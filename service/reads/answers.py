"""What people have answered in the completed tasks of a case, as it stands on record."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from service.database.tables import user_task

_GIVEN = (
    select(user_task.c.answers)
    .where(
        user_task.c.case_id == bindparam("case_id"),
        user_task.c.element_id == bindparam("step_id"),
        user_task.c.status == "completed",
    )
    .order_by(user_task.c.completed_at)
)


def answers_given(connection: Connection, case_id: int, step_id: str, key: str) -> list[object]:
    """The answers to one field of a step, each time it was completed, in order."""
    rows = connection.execute(_GIVEN, {"case_id": case_id, "step_id": step_id}).scalars()
    return [(answers or {}).get(key) for answers in rows]
