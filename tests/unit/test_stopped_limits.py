"""Limits that stood still, against a model that counts days one by one; and that extension and stops never disagree."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from service.working_time import Limit, WorkingCalendar
from service.working_time.official_days import seed_days

ZONE = ZoneInfo("Asia/Shanghai")
CLOSE = time(17, 30)
FIRST = datetime(2026, 1, 1, tzinfo=ZONE)
Spans = list[tuple[datetime, datetime]]


@cache
def calendar() -> WorkingCalendar:
    return WorkingCalendar.build({day: kind for day, kind, _ in seed_days([2026])})


def ends(day: date, unit: str) -> datetime:
    if unit == "working_days":
        return datetime.combine(day, CLOSE, ZONE)
    return datetime.combine(day + timedelta(days=1), time(), ZONE)


def by_counting(value: int, unit: str, since: date, spans: Spans) -> datetime:
    """Go from day to day, count those that count, and end on a day on which the office works and the limit runs."""
    day, counted = since, 0
    while True:
        day += timedelta(days=1)
        end = ends(day, unit)
        runs = not any(start <= end < stop for start, stop in spans)
        works = calendar().is_workday(day)
        counted += runs and (works or unit == "natural_days") and counted < value
        if counted == value and runs and works:
            return end


@st.composite
def stops(draw: st.DrawFn, since: datetime) -> Spans:
    """Suspensions and resumptions in turn, by minutes: the calendar decides what of them counts."""
    at, found = since, []
    for _ in range(draw(st.integers(0, 5))):
        at += timedelta(minutes=draw(st.integers(1, 20 * 1440)))
        start = at
        at += timedelta(minutes=draw(st.integers(1, 20 * 1440)))
        found.append((start, at))
    return found


def before_the_end(spans: Spans, value: int, unit: str, since: date) -> Spans:
    """Nobody stops a limit that has passed."""
    kept: Spans = []
    for span in spans:
        if span[0] > by_counting(value, unit, since, kept):
            break
        kept.append(span)
    return kept


@given(data=st.data(), unit=st.sampled_from(["working_days", "natural_days"]), value=st.integers(1, 45))
def test_no_sequence_of_stops_makes_a_limit_wrong(data: st.DataObject, unit: str, value: int) -> None:
    since = FIRST + timedelta(minutes=data.draw(st.integers(0, 200 * 1440)))
    spans = before_the_end(data.draw(stops(since)), value, unit, since.date())
    found = calendar().due_after_stops(Limit(value, unit), since, spans)  # type: ignore[arg-type]
    assert found == by_counting(value, unit, since.date(), spans).astimezone(UTC)


@given(data=st.data(), value=st.integers(1, 45), more=st.integers(1, 30))
def test_an_extension_adds_its_days_whenever_it_is_given(data: st.DataObject, value: int, more: int) -> None:
    since = FIRST + timedelta(minutes=data.draw(st.integers(0, 200 * 1440)))
    spans = before_the_end(data.draw(stops(since)), value, "working_days", since.date())
    short = calendar().due_after_stops(Limit(value, "working_days"), since, spans)
    longer = calendar().due_after_stops(Limit(value + more, "working_days"), since, spans)
    assert longer == calendar().add_working_days(short, more)


@given(data=st.data(), unit=st.sampled_from(["office_hours", "hours"]), value=st.integers(1, 200))
def test_a_limit_in_hours_loses_exactly_what_it_stood_still(data: st.DataObject, unit: str, value: int) -> None:
    since = FIRST + timedelta(minutes=data.draw(st.integers(0, 100 * 1440)))
    limit = Limit(value, unit)  # type: ignore[arg-type]
    due, held = calendar().due(limit, since), []
    for start, end in data.draw(stops(since)):
        if start >= due:
            break
        held.append((start, end))
        due = calendar().resume(calendar().remaining_time(limit, due, start), end)
    assert calendar().due_after_stops(limit, since, held) == due
    if unit == "hours":
        assert due == since + timedelta(hours=value) + sum((e - s for s, e in held), timedelta())


def test_days_on_which_a_last_day_was_moved_do_not_come_back_after_a_stop() -> None:
    """Saturday moves to Monday; one day later is Sunday, which moves to the same Monday."""
    since = datetime(2026, 4, 15, 9, tzinfo=ZONE)
    limit = Limit(10, "natural_days")  # Ends on Saturday the 25th, so on Monday the 27th.
    assert calendar().due(limit, since) == ends(date(2026, 4, 27), "natural_days").astimezone(UTC)
    stop = (datetime(2026, 4, 20, 9, tzinfo=ZONE), datetime(2026, 4, 21, 9, tzinfo=ZONE))
    assert calendar().due_after_stops(limit, since, [stop]) == ends(date(2026, 4, 27), "natural_days").astimezone(UTC)
