"""Limits of a date: a fixed day, today, or another date, moved by natural or working days.

`notBefore` and `notAfter` of a date field say `2026-01-01`, `today`, `today-3wd` (working days), `decided_on+30`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

from service.form_schemas.hides import property_of
from service.form_schemas.schema import Component, FormSchemaError, name_of

_BOUND: Final = re.compile(r"(\d{4}-\d{2}-\d{2}|[A-Za-z_][A-Za-z0-9_]{0,63})(?:([+-])(\d{1,4})(wd)?)?")
_ONE: Final = timedelta(days=1)
MOST_WORKING_DAYS: Final = 250


class Workdays(Protocol):
    """The county's calendar, as far as a form needs it."""

    def is_workday(self, day: date) -> bool: ...


class _Weekdays:
    """Monday to Friday, for a form that is checked apart from any county."""

    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5


WEEKDAYS: Final[Workdays] = _Weekdays()


@dataclass(frozen=True, slots=True)
class DayBound:
    """`anchor` is `today`, an ISO date or the name of another date; `days` are working days if `working`."""

    source: str
    anchor: str
    days: int
    working: bool

    @property
    def name(self) -> str | None:
        """The answer or fact of the case that it counts from."""
        return None if self.anchor == "today" or self.anchor[0].isdigit() else self.anchor

    def day(self, anchor: object, today: date, calendar: Workdays) -> date | None:
        """The limit; None while the other date is unset. `anchor` is that date's value."""
        start = today if self.anchor == "today" else _day_of(self.anchor if self.name is None else anchor)
        if start is None:
            return None
        return _moved(start, self.days, calendar) if self.working else start + timedelta(days=self.days)


def day_bound(component: Component, name: str) -> DayBound | None:
    """The property `notBefore` or `notAfter`; raises FormSchemaError for what is no limit of a date."""
    source = property_of(component, name)
    if source in (None, ""):
        return None
    match = _BOUND.fullmatch(source) if isinstance(source, str) else None
    if match is None or (component["type"], component.get("subtype")) != ("datetime", "date"):
        raise FormSchemaError(name_of(component), f"expected {name} to be a limit of a date, such as `today-3wd`")
    anchor, sign, count, working = match.groups()
    bound = DayBound(source, anchor, int(f"{sign or ''}{count or 0}"), working is not None)
    if bound.working and (bound.anchor != "today" or abs(bound.days) > MOST_WORKING_DAYS):
        raise FormSchemaError(name_of(component), f"{name}: working days count from today, {MOST_WORKING_DAYS} at most")
    if anchor[0].isdigit() and _day_of(anchor) is None:
        raise FormSchemaError(name_of(component), f"{name}: {anchor} is no real date")
    return bound


def _day_of(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moved(start: date, days: int, calendar: Workdays) -> date:
    step, left, day = (_ONE if days > 0 else -_ONE), abs(days), start
    while left:
        day += step
        left -= calendar.is_workday(day)
    return day
