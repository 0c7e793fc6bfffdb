"""The county's calendar from the database, built once a version of it, and its days."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.engine import Row

from service.database.in_text import in_text
from service.database.rows import read_row
from service.database.tables import calendar_day, office_window, setting
from service.working_time import DayKind, WorkingCalendar

_DAYS = select(calendar_day.c.day, calendar_day.c.kind, calendar_day.c.name)
_SOME_DAYS = _DAYS.where(calendar_day.c.day.in_(bindparam("days", expanding=True)))
_VERSION = select(setting.c.content).where(setting.c.name == in_text("calendar_version"))
_HOURS = select(setting.c.content).where(setting.c.name == "office_hours")
_WINDOWS = select(office_window).order_by(
    office_window.c.department, office_window.c.place, office_window.c.effective_on
)
USUAL_HOURS = ("09:00-12:00", "13:30-17:30")
COUNTY = ("", "")


class DayChange(NamedTuple):
    """What a day is, and by which name or notice."""

    kind: str
    name: str


DayChanges = Mapping[date, DayChange | None]


class HoursChange(NamedTuple):
    """Hours of a window from a day on, as a row of `office_window` has them."""

    department: str
    place: str
    power_items: Sequence[str]
    effective_on: date
    hours: Sequence[str]


@dataclass(frozen=True, slots=True)
class Calendars:
    """The county's calendar, and those of windows with hours of their own by (department, item), "" for its others."""

    county: WorkingCalendar
    windows: Mapping[tuple[str, str], WorkingCalendar]

    def of(self, department: str, power_item: str | None) -> WorkingCalendar:
        """By which a case counts: the window of its item, else its department's, else the county's."""
        own = self.windows.get((department, power_item or ""))
        return own or self.windows.get((department, "")) or self.county


class CalendarCache:
    """The calendars of the version that the database names; rebuilt when somebody has edited a day or hours."""

    def __init__(self) -> None:
        self._version: Any = None
        self._calendars: Calendars | None = None
        self._lock = threading.Lock()

    def get(self, connection: Connection, version: Any = None) -> WorkingCalendar:
        """The county's; `version` is the stored version if the caller has read it already."""
        return self._all(connection, version).county

    def of(self, connection: Connection, version: Any, department: str, power_item: str | None) -> WorkingCalendar:
        """By which a case of this department and item counts."""
        return self._all(connection, version).of(department, power_item)

    def _all(self, connection: Connection, version: Any) -> Calendars:
        wanted = version if version is not None else read_version(connection)
        with self._lock:
            if self._calendars is None or self._version != wanted:
                self._calendars = read_calendars(connection)
                self._version = wanted
            return self._calendars


def read_version(connection: Connection) -> Any:
    row = read_row(connection, _VERSION)
    return None if row is None else row.content


def read_calendar(connection: Connection, changes: DayChanges | None = None) -> WorkingCalendar:
    """The county's own calendar, as it would be with `changes`."""
    return read_calendars(connection, changes).county


def read_calendars(
    connection: Connection, changes: DayChanges | None = None, wanted: HoursChange | None = None
) -> Calendars:
    """The calendars from `calendar_day` and the hours of `setting` and `office_window`, as they would be with both."""
    days: dict[date, DayKind] = {row.day: row.kind for row in connection.execute(_DAYS)}
    for day, change in (changes or {}).items():
        days.pop(day, None)
        if change is not None:
            days[day] = change.kind  # type: ignore[assignment]
    windows: dict[tuple[str, str], list[Row[Any] | HoursChange]] = {}
    for row in _windows(connection, wanted):
        windows.setdefault((row.department, row.place), []).append(row)
    first = tuple(connection.execute(_HOURS).scalar_one_or_none() or USUAL_HOURS)
    of_county = [(row.effective_on, row.hours) for row in windows.pop(COUNTY, [])]
    county = WorkingCalendar.build(days, office_hours=first, later_hours=of_county)
    found = {}
    for (department, _place), rows in windows.items():
        opens = rows[0].effective_on
        before = [(day, hours) for day, hours in of_county if day < opens]
        own = county.with_hours(first, [*before, *((row.effective_on, row.hours) for row in rows)])
        found.update({(department, item): own for item in rows[-1].power_items or ("",)})
    return Calendars(county, found)


def _windows(connection: Connection, wanted: HoursChange | None) -> list[Row[Any] | HoursChange]:
    rows: list[Row[Any] | HoursChange] = list(connection.execute(_WINDOWS))
    if wanted is None:
        return rows
    key = (wanted.department, wanted.place, wanted.effective_on)
    others = [row for row in rows if (row.department, row.place, row.effective_on) != key]
    return sorted([*others, wanted], key=lambda row: (row.department, row.place, row.effective_on))


def read_days(connection: Connection, days: Iterable[date]) -> dict[date, DayChange]:
    """What the table says of these days; ordinary ones are not in it."""
    rows = connection.execute(_SOME_DAYS, {"days": list(days)})
    return {row.day: DayChange(row.kind, row.name) for row in rows}
