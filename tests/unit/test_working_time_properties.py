"""Properties of the calendar over all years, counts and instants."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from service.working_time import Limit, Unit, WorkingCalendar, seed_days

CALENDAR = WorkingCalendar.build({day: kind for day, kind, _name in seed_days(range(2004, 2028))})
TICK = timedelta(microseconds=1)

days = st.dates(date(2004, 1, 1), date(2036, 12, 31))
instants = st.datetimes(datetime(2004, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
counts = st.integers(0, 400)
units = st.sampled_from(get_args(Unit))
limits = st.builds(Limit, counts, units)
starts = st.one_of(days, instants)
year_ends = st.builds(date, st.integers(2004, 2036), st.just(12), st.integers(25, 31))


@given(starts, limits)
def test_a_longer_limit_is_never_due_earlier(since: date, limit: Limit) -> None:
    assert CALENDAR.due(limit, since) <= CALENDAR.due(Limit(limit.value + 1, limit.unit), since)


@given(days, st.integers(0, 400), limits)
def test_a_later_beginning_is_never_due_earlier(since: date, later: int, limit: Limit) -> None:
    assert CALENDAR.due(limit, since) <= CALENDAR.due(limit, since + timedelta(days=later))


@given(st.one_of(days, year_ends), st.integers(1, 400))
def test_counting_the_days_undoes_adding_them(since: date, count: int) -> None:
    due_on = CALENDAR.local_date(CALENDAR.add_working_days(since, count))
    assert CALENDAR.working_days_between(since, due_on) == count


@given(st.one_of(days, year_ends), st.integers(1, 60))
def test_adding_days_agrees_with_walking_the_calendar(since: date, count: int) -> None:
    day, walked = since, 0
    while walked < count:
        day += timedelta(days=1)
        walked += CALENDAR.is_workday(day)
    assert CALENDAR.local_date(CALENDAR.add_working_days(since, count)) == day


@given(days, days)
def test_counting_backwards_changes_the_sign_alone(a: date, b: date) -> None:
    assert CALENDAR.working_days_between(a, b) == -CALENDAR.working_days_between(b, a)


@given(starts, st.integers(1, 400), units)
def test_no_limit_in_days_or_office_hours_ends_on_a_rest_day(since: date, count: int, unit: Unit) -> None:
    if unit not in ("hours", "minutes"):
        assert CALENDAR.is_workday(CALENDAR.local_date(CALENDAR.due(Limit(count, unit), since) - TICK))


@given(instants, st.integers(1, 400))
def test_counting_office_time_undoes_adding_it(since: datetime, count: int) -> None:
    due = CALENDAR.add_office_hours(since, count)
    assert CALENDAR.office_time_between(since, due) == timedelta(hours=count)
    assert CALENDAR.office_time_between(since, due - TICK) == timedelta(hours=count) - TICK


@given(instants, st.integers(0, 10**6))
def test_office_time_never_exceeds_elapsed_time(since: datetime, seconds: int) -> None:
    elapsed = timedelta(seconds=seconds)
    assert timedelta(0) <= CALENDAR.office_time_between(since, since + elapsed) <= elapsed


@given(starts, limits)
def test_warnings_stand_in_order_between_the_beginning_and_the_due_instant(since: date, limit: Limit) -> None:
    due = CALENDAR.due(limit, since)
    warnings = CALENDAR.warning_instants(limit, since, due)
    assert warnings.blue <= warnings.yellow <= due
    begun = since if isinstance(since, datetime) else CALENDAR.add_hours(since, 0)
    assert warnings.blue >= begun or limit.value == 0  # A limit of no days is the day itself, which may have begun.


@given(starts, limits, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_is_never_gone_earlier(since: date, limit: Limit, one: float, other: float) -> None:
    due = CALENDAR.due(limit, since)
    less, more = sorted((one, other))
    assert CALENDAR.share_instant(limit, since, due, less) <= CALENDAR.share_instant(limit, since, due, more) <= due


@given(instants, st.integers(0, 60), units, st.integers(0, 10**7))
def test_stopping_and_resuming_at_once_changes_nothing(begun: datetime, count: int, unit: Unit, after: int) -> None:
    limit = Limit(count, unit)
    due = CALENDAR.due(limit, begun)
    for at in (begun + timedelta(seconds=after), due, due + TICK):
        assert CALENDAR.resume(CALENDAR.remaining_time(limit, due, at), at) == due


@given(days, st.integers(1, 60), st.integers(0, 59), st.integers(0, 60))
def test_a_stop_of_some_working_days_moves_the_due_day_by_as_many(since: date, count: int, run: int, stop: int) -> None:
    limit = Limit(count, "working_days")
    stopped_at = CALENDAR.add_working_days(since, min(run, count))
    resumed_at = CALENDAR.add_working_days(stopped_at, stop)
    resumed = CALENDAR.resume(CALENDAR.remaining_time(limit, CALENDAR.due(limit, since), stopped_at), resumed_at)
    if run:
        assert resumed == CALENDAR.add_working_days(since, count + stop)


@given(instants, st.integers(1, 60), units, st.lists(st.integers(0, 10**6), min_size=3, max_size=3))
def test_two_stops_in_a_row_move_a_limit_like_one(begun: datetime, count: int, unit: Unit, gaps: list[int]) -> None:
    limit = Limit(count, unit)
    due, at = CALENDAR.due(limit, begun), begun + timedelta(seconds=gaps[0])
    middle = at + timedelta(seconds=gaps[1])
    end = middle + timedelta(seconds=gaps[2])
    once = CALENDAR.resume(CALENDAR.remaining_time(limit, due, at), end)
    first = CALENDAR.resume(CALENDAR.remaining_time(limit, due, at), middle)
    twice = CALENDAR.resume(CALENDAR.remaining_time(limit, first, middle), end)
    if unit == "natural_days":
        assert twice >= once  # The move off a rest day (民法典 203) may come in at either end of the first stop.
    else:
        assert twice == once


@given(instants, limits)
def test_less_remains_as_time_goes_by(begun: datetime, limit: Limit) -> None:
    due = CALENDAR.due(limit, begun)
    first, second = (CALENDAR.remaining(due, begun + (due - begun) * share, limit.unit) for share in (0.25, 0.75))
    assert first.value >= second.value
    assert not first.overdue
    assert CALENDAR.remaining(due, due + TICK, limit.unit).overdue


def test_adding_working_days_takes_microseconds() -> None:
    began = time.process_time()
    for _repeat in range(20_000):
        CALENDAR.add_working_days(date(2026, 11, 23), 20)
    # 1.3 microseconds were measured; the bound leaves room for a busy machine.
    assert (time.process_time() - began) / 20_000 < 20e-6
