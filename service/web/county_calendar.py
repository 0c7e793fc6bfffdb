"""The county's calendar during one request: pages ask it of many dates."""

from __future__ import annotations

from datetime import date, datetime

from flask import g

from service.database.session import reading
from service.web.context import context
from service.working_time import WorkingCalendar


def county_calendar() -> WorkingCalendar:
    """The calendar of the version that stands now; read once a request."""
    found: WorkingCalendar | None = g.get("county_calendar")
    if found is None:
        with reading(context().engine) as connection:
            found = g.county_calendar = context().services.calendars.get(connection)
    return found


def is_provisional(at: datetime | date | None) -> bool:
    """Whether what ends then was counted by a year whose notice of holidays has not come."""
    if at is None:
        return False
    calendar = county_calendar()
    return calendar.provisional_at(at) if isinstance(at, datetime) else calendar.is_provisional(at.year)
