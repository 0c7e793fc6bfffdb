"""The days of a month as the calendar page shows them."""

from __future__ import annotations

import calendar as gregorian
from datetime import date

from sqlalchemy import Connection, select

from service.database.tables import calendar_day
from service.reads.people import DayView
from service.working_time import WorkingCalendar


def days_of_month(connection: Connection, days: WorkingCalendar, year: int, month: int) -> list[DayView]:
    """Every day of a month in order. Raises ValueError for a month that the calendar's table does not hold."""
    first, last = date(year, month, 1), date(year, month, gregorian.monthrange(year, month)[1])
    rows = {
        row.day: row for row in connection.execute(select(calendar_day).where(calendar_day.c.day.between(first, last)))
    }
    provisional = days.is_provisional(year)
    found = []
    for number in range(1, last.day + 1):
        day = date(year, month, number)
        row = rows.get(day)
        kind, name = (row.kind, row.name) if row is not None else (None, None)
        found.append(DayView(day, kind, name, days.is_workday(day), provisional))
    return found
