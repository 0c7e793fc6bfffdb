"""Office hours that change on a day: what was worked before stays, what comes counts by the new ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.working_time import Limit, WorkingCalendar, seed_days

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = {day: kind for day, kind, _ in seed_days([2026])}
PLAIN = WorkingCalendar.build(DAYS)
# From Wednesday, 11 March 2026, the window is open at noon and until eight.
LONGER = WorkingCalendar.build(DAYS, later_hours=[(date(2026, 3, 11), ["09:00-20:00"])])
FRIDAY_SHORT = WorkingCalendar.build(
    DAYS, later_hours=[(date(2026, 3, 14), ["09:00-12:00", "13:30-17:30"]), (date(2026, 3, 13), ["09:00-12:00"])]
)
instants = st.datetimes(datetime(2026, 1, 5), datetime(2026, 6, 30), timezones=st.just(UTC))  # noqa: DTZ001


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


def test_hours_before_the_change_count_as_they_were_and_after_it_as_they_are() -> None:
    assert LONGER.add_office_hours(at(10, 16), 2) == at(11, 9, 30)
    assert LONGER.add_office_hours(at(10, 16), 12) == at(11, 19, 30)
    assert PLAIN.add_office_hours(at(10, 16), 12) == at(12, 14)
    assert LONGER.office_time_between(at(10, 9), at(11, 20)) == timedelta(hours=18)
    assert FRIDAY_SHORT.add_office_hours(at(13, 9), 4) == at(16, 10)


def test_a_limit_in_working_days_ends_when_the_window_closes_that_day() -> None:
    assert LONGER.add_working_days(date(2026, 3, 9), 1) == at(10, 17, 30)
    assert LONGER.add_working_days(date(2026, 3, 9), 2) == at(11, 20)
    assert FRIDAY_SHORT.due(Limit(4, "working_days"), date(2026, 3, 9)) == at(13, 12)


def test_of_two_hours_for_one_day_the_last_holds_and_wrong_ones_are_refused() -> None:
    twice = WorkingCalendar.build(
        DAYS, later_hours=[(date(2026, 3, 11), ["09:00-10:00"]), (date(2026, 3, 11), ["09:00-11:00"])]
    )
    assert twice.add_working_days(date(2026, 3, 10), 1) == at(11, 11)
    with pytest.raises(ValueError, match="in order"):
        PLAIN.with_hours(["13:00-17:00", "09:00-12:00"])
    with pytest.raises(ValueError, match="in order"):
        PLAIN.with_hours([])


@given(instants, st.integers(1, 60))
def test_adding_office_hours_and_counting_them_agree_across_a_change(since: datetime, hours: int) -> None:
    for calendar in (LONGER, FRIDAY_SHORT):
        due = calendar.add_office_hours(since, hours)
        assert calendar.office_time_between(since, due) == timedelta(hours=hours)
        assert calendar.office_time_between(since, due - timedelta(microseconds=1)) < timedelta(hours=hours)


@given(instants, instants, instants)
def test_office_time_adds_up_across_a_change(a: datetime, b: datetime, c: datetime) -> None:
    between = LONGER.office_time_between
    assert between(a, b) + between(b, c) == between(a, c)


@given(instants)
def test_what_ends_before_the_change_is_as_without_it(since: datetime) -> None:
    due = PLAIN.add_office_hours(since, 4)
    if due < at(11, 0):
        assert LONGER.add_office_hours(since, 4) == due
