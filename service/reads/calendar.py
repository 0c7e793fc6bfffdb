"""The county's calendar from the database, built once a version of it, and its days."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from service.database.tables import calendar_day, setting
from service.working_time import DayKind, WorkingCalendar

_DAYS = select(calendar_day.c.day, calendar_day.c.kind, calendar_day.c.name)
_SOME_DAYS = _DAYS.where(calendar_day.c.day.in_(bindparam("days", expanding=True)))
_HOURS = select(setting.c.content).where(setting.c.name == "office_hours")


class DayChange(NamedTuple):
    """What a day is, and by which name or notice."""

    kind: str
    name: str


DayChanges = Mapping[date, DayChange | None]


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


def read_calendar(connection: Connection, changes: DayChanges | None = None) -> WorkingCalendar:
    """Build the calendar from `calendar_day` and the office hours in `setting`, as it would be with `changes`."""
    days: dict[date, DayKind] = {row.day: row.kind for row in connection.execute(_DAYS)}
    for day, change in (changes or {}).items():
        days.pop(day, None)
        if change is not None:
            days[day] = change.kind  # type: ignore[assignment]
    hours = connection.execute(_HOURS).scalar_one_or_none()
    return WorkingCalendar.build(days, office_hours=tuple(hours)) if hours else WorkingCalendar.build(days)


def read_days(connection: Connection, days: Iterable[date]) -> dict[date, DayChange]:
    """What the table says of these days; ordinary ones are not in it."""
    rows = connection.execute(_SOME_DAYS, {"days": list(days)})
    return {row.day: DayChange(row.kind, row.name) for row in rows}
