"""Warnings whose occasion is over are closed by themselves: nobody need decide on a limit that was kept after all,
nor on a notice of holidays that has been entered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, or_, select, update

from service.database.in_text import in_text
from service.database.rows import read_rows
from service.database.tables import alarm, case, user_task
from service.working_time import WorkingCalendar
from supervision.rules import supervision_calendar

# Whether a step is open that an alarm is about.
STEP_OPEN = exists().where(
    user_task.c.case_id == alarm.c.case_id,
    user_task.c.element_id == alarm.c.element_id,
    user_task.c.status == in_text("open"),
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
                or_(_CASE_OVER, and_(alarm.c.rule == "overdue.step_limit", ~STEP_OPEN)),
            )
        )
    )
    .values(status="closed", closed_at=bindparam("now"))
)

_OF_A_YEAR = (
    select(alarm.c.id, alarm.c.subject)
    .where(alarm.c.rule == bindparam("rule"), alarm.c.subject == bindparam("subject"))
    .where(alarm.c.status == in_text("open"))
)
_CLOSE = update(alarm).where(alarm.c.id == bindparam("b_id")).values(status="closed", closed_at=bindparam("now"))


def let_lapse(connection: Connection, now: datetime) -> int:
    """Close warnings (blue, yellow) of steps that are done and of cases that have ended; how many. A red one stands."""
    return int(connection.execute(_OVER, {"now": now}).rowcount)


def let_lapse_notices(connection: Connection, calendar: WorkingCalendar, now: datetime) -> int:
    """Close the alarm of a year whose notice has been entered; how many. An order that it has become goes on."""
    this_year = calendar.local_date(now).year
    entered = [year for year in (this_year, this_year + 1) if not calendar.is_provisional(year)]
    keys = [
        {"rule": supervision_calendar.RULE.code, "subject": supervision_calendar.subject_of(one)} for one in entered
    ]
    found = [row for key in keys for row in read_rows(connection, _OF_A_YEAR, key)]
    for row in found:
        connection.execute(_CLOSE, {"b_id": row.id, "now": now})
    return len(found)
