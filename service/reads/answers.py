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


# Facts that count how often a step was answered so before: what is at hand does not count yet.
COUNTED = {"return_count": ("sign", "sign_result", "return"), "redo_count": ("follow_up", "satisfaction", "bad")}


def times_answered(connection: Connection, case_id: int, fact: str) -> int:
    """How often the step of a counting fact has been answered in the way that it counts."""
    step_id, key, value = COUNTED[fact]
    return answers_given(connection, case_id, step_id, key).count(value)


def answers_given(connection: Connection, case_id: int, step_id: str, key: str) -> list[object]:
    """The answers to one field of a step, each time it was completed, in order."""
    rows = connection.execute(_GIVEN, {"case_id": case_id, "step_id": step_id}).scalars()
    return [(answers or {}).get(key) for answers in rows]
