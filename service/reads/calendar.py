"""The county's calendar from the database, built once a version of it."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import Connection, select

from service.database.tables import calendar_day, setting
from service.working_time import WorkingCalendar


class CalendarCache:
    """The calendar of the version that the database names; rebuilt when somebody has edited a day."""

    def __init__(self) -> None:
        self._version: Any = None
        self._calendar: WorkingCalendar | None = None
        self._lock = threading.Lock()

    def get(self, connection: Connection, version: Any = None) -> WorkingCalendar:
        """The calendar; `version` is the stored version if the caller has read it already."""
        wanted = version if version is not None else read_version(connection)
        with self._lock:
            if self._calendar is None or self._version != wanted:
                self._calendar = read_calendar(connection)
                self._version = wanted
            return self._calendar


def read_version(connection: Connection) -> Any:
    return connection.execute(
        select(setting.c.content).where(setting.c.name == "calendar_version")
    ).scalar_one_or_none()


def read_calendar(connection: Connection) -> WorkingCalendar:
    """Build the calendar from `calendar_day` and the office hours in `setting`."""
    rows = connection.execute(select(calendar_day.c.day, calendar_day.c.kind)).all()
    hours = connection.execute(select(setting.c.content).where(setting.c.name == "office_hours")).scalar_one_or_none()
    days = {row.day: row.kind for row in rows}
    return WorkingCalendar.build(days, office_hours=tuple(hours)) if hours else WorkingCalendar.build(days)
