"""Warnings whose occasion is over are closed by themselves: nobody need decide on a limit that was kept after all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, or_, select, update

from service.database.tables import alarm, case, user_task

_STEP_OPEN = exists().where(
    user_task.c.case_id == alarm.c.case_id,
    user_task.c.element_id == alarm.c.element_id,
    user_task.c.status == "open",
)
_CASE_OVER = exists().where(case.c.id == alarm.c.case_id, case.c.closed_at.is_not(None))
_OVER = (
    update(alarm)
    .where(
        alarm.c.id.in_(
            select(alarm.c.id).where(
                alarm.c.status == "open",
                alarm.c.kind == "overdue",
                alarm.c.colour.in_(("blue", "yellow")),
                or_(_CASE_OVER, and_(alarm.c.rule == "overdue.step_limit", ~_STEP_OPEN)),
            )
        )
    )
    .values(status="closed", closed_at=bindparam("now"))
)


def let_lapse(connection: Connection, now: datetime) -> int:
    """Close warnings (blue, yellow) of steps that are done and of cases that have ended; how many. A red one stands."""
    return int(connection.execute(_OVER, {"now": now}).rowcount)
