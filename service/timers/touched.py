"""Which cases have a limit that some days or hours of the calendar lie in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select
from sqlalchemy.engine import Row

from service.database.in_text import in_text
from service.database.tables import due_row
from service.timers.due import PAUSED
from service.timers.recounting import COUNTED_UNITS, STOP_END

_COUNTED = or_(due_row.c.limit_unit.in_(bindparam("units", expanding=True)), due_row.c.role == bindparam("stop_end"))
_TOUCHED = (
    select(due_row.c.case_id)
    .where(due_row.c.case_id > bindparam("after"), due_row.c.counted_from < bindparam("until"), _COUNTED)
    .where(or_(due_row.c.state == in_text(PAUSED), due_row.c.due_at >= bindparam("since")))
    .group_by(due_row.c.case_id)
    .order_by(due_row.c.case_id)
    .limit(bindparam("batch"))
)
_OF_CASES = (
    select(due_row)
    .where(due_row.c.case_id.in_(bindparam("case_ids", expanding=True)))
    .order_by(due_row.c.case_id, due_row.c.due_at, due_row.c.timer_id, due_row.c.role)
)


def cases_touched(
    connection: Connection, since: datetime, until: datetime, *, after: int = 0, batch: int = 200
) -> list[int]:
    """Up to `batch` cases in order of their ids, with a limit that began before `until` and is not due before `since`.

    One that stands still may be due at any time, and so is always among them.
    """
    asked = {"since": since, "until": until, "after": after, "batch": batch}
    rows = connection.execute(_TOUCHED, {**asked, "units": COUNTED_UNITS, "stop_end": STOP_END})
    return list(rows.scalars())


def due_rows_of(connection: Connection, case_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """All due rows of these cases."""
    found: dict[int, list[Row[Any]]] = {case_id: [] for case_id in case_ids}
    for row in connection.execute(_OF_CASES, {"case_ids": list(case_ids)}):
        found[row.case_id].append(row)
    return found
