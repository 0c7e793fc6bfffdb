"""Limits counted day by day from items.yaml alone: what the product's calendar says is held against this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.commands.seeing import CST

CATALOGUE = Path(__file__).parents[2] / "processes" / "catalogue" / "items.yaml"
CLOSE = time(17, 30)
WINDOWS = ((time(9), time(12)), (time(13, 30), CLOSE))
# Days of the year that is counted here; moves at random stay inside it.
LAST_DAY = date(2026, 12, 31)
Span = tuple[datetime, datetime]
# Days that were changed since the catalogue was read: whether the office works on them.
Changed = Mapping[date, bool]
NOTHING: Changed = {}


@cache
def meta() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["meta"]
    return found


@cache
def _exceptions(kind: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(f"2026-{day}") for day in meta()["calendar_2026"][kind])


def works(day: date, changed: Changed = NOTHING) -> bool:
    """Whether the office works: weekdays but for those off, and the made-up days."""
    if day in changed:
        return changed[day]
    return day in _exceptions("makeup_workdays") or (day.weekday() < 5 and day not in _exceptions("weekdays_off"))


def end_of(day: date, unit: str) -> datetime:
    """When a day of a limit has passed."""
    if unit == "working_days":
        return datetime.combine(day, CLOSE, CST)
    return datetime.combine(day + timedelta(days=1), time(), CST)


def due_of(value: int, unit: str, since: datetime, stops: Sequence[Span], changed: Changed = NOTHING) -> datetime:
    """When a limit has passed that stood still during `stops`; those that begin after that heal nothing."""
    kept: list[Span] = []
    for span in merged(stops):
        if span[0] > _due(value, unit, since, kept, changed):
            break
        kept.append(span)
    return _due(value, unit, since, kept, changed)


def _due(value: int, unit: str, since: datetime, stops: Sequence[Span], changed: Changed) -> datetime:
    if unit in ("working_days", "natural_days"):
        return _day_by_day(value, unit, since.astimezone(CST).date(), stops, changed)
    stood = sum((end - max(start, since) for start, end in stops if end > since), timedelta())
    if unit == "office_hours":
        assert not stood, "no limit in office hours is ever stopped"
        return _office_hours(value, since.astimezone(CST), changed)
    return since + timedelta(**{unit: value}) + stood


def _day_by_day(value: int, unit: str, since: date, stops: Sequence[Span], changed: Changed) -> datetime:
    """A day counts unless the limit stood still when it ended; the last one is worked and runs (民法典 201, 203)."""
    day, counted = since, 0
    while True:
        day += timedelta(days=1)
        end = end_of(day, unit)
        runs = not any(start <= end < stop for start, stop in stops)
        counted += runs and (works(day, changed) or unit == "natural_days") and counted < value
        if counted == value and runs and works(day, changed):
            return end


def _office_hours(hours: int, since: datetime, changed: Changed) -> datetime:
    left, day = timedelta(hours=hours), since.date()
    while True:
        for opens, closes in WINDOWS if works(day, changed) else ():
            start, end = max(datetime.combine(day, opens, CST), since), datetime.combine(day, closes, CST)
            if end > start:
                if left <= end - start:
                    return start + left
                left -= end - start
        day += timedelta(days=1)


def days_left(limit: tuple[int, str, datetime], stops: Sequence[Span], now: datetime, changed: Changed) -> int:
    """Days of a limit (value, unit, since) that are not counted yet, today being counted as it runs."""
    value, unit, since = limit
    day, today, counted = since.astimezone(CST).date(), now.astimezone(CST).date(), 0
    while day < today:
        day += timedelta(days=1)
        end = end_of(day, unit)
        runs = not any(start <= end < stop for start, stop in stops)
        counted += runs and (works(day, changed) or unit == "natural_days")
    return max(value - counted, 0)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Overlapping stops are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
