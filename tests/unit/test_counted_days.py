"""The sum of a clock: days counted, and days that stops take out, to the day; counted and left are the limit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from service.working_time import Limit, Unit, WorkingCalendar, seed_days

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = WorkingCalendar.build({day: kind for day, kind, _ in seed_days(range(2024, 2027))})
since_days = st.dates(date(2024, 1, 1), date(2026, 6, 30))
moments = st.integers(0, 24 * 60 - 1)
units = st.sampled_from(["working_days", "natural_days"])
# Hours between the beginning and one stop after the other, and how long each lasts.
gaps = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 400)), max_size=4)


def spans_after(since: datetime, lengths: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
    found, at = [], since
    for gap, length in lengths:
        start = at + timedelta(hours=gap)
        at = start + timedelta(hours=length)
        found.append((start, at))
    return found


def ends(unit: Unit, day: date) -> datetime:
    """When a day is over: at close of business, or at 24:00."""
    if unit == "working_days":
        return datetime.combine(day, time(17, 30), ZONE)
    return datetime.combine(day + timedelta(days=1), time(), ZONE)


def walked(unit: Unit, since: date, spans: list[tuple[datetime, datetime]], now: datetime) -> int:
    """Day after day: a day counts unless the clock stood still when it ended; today counts as long as it runs."""
    day, counted, today = since, 0, now.astimezone(ZONE).date()
    while day < today:
        day += timedelta(days=1)
        if unit == "working_days" and not DAYS.is_workday(day):
            continue
        end = ends(unit, day)
        counted += not any(start <= end < until for start, until in spans)
    return counted


@given(since_days, moments, st.integers(1, 60), units, gaps, st.integers(0, 3000))
def test_counted_and_left_are_the_limit_wherever_the_clock_stood_still(
    day: date, minute: int, value: int, unit: Unit, lengths: list[tuple[int, int]], later: int
) -> None:
    since = datetime.combine(day, time(), ZONE) + timedelta(minutes=minute)
    limit, now = Limit(value, unit), since + timedelta(hours=later)
    spans = [(a, min(b, now)) for a, b in spans_after(since, lengths) if a < now]
    due = DAYS.due_after_stops(limit, since, spans)
    counted = DAYS.days_counted(limit, since, spans, now)
    left = DAYS.remaining(due, now, unit)
    if now <= due:
        carried = 0
        if unit == "natural_days":  # What rolls on from a rest day is not of the limit's own days.
            last = DAYS.local_date(now) + timedelta(days=limit.value - counted)
            carried = (DAYS.local_date(due - timedelta(microseconds=1)) - last).days
            assert carried >= 0
        assert counted + left.value - carried == limit.value
    elif unit == "working_days" and not any(a > due for a, _ in spans):
        assert counted - left.value == limit.value


@given(since_days, st.integers(30, 60), units, gaps, st.integers(0, 900))
def test_counting_agrees_with_walking_day_after_day(
    day: date, value: int, unit: Unit, lengths: list[tuple[int, int]], later: int
) -> None:
    since = datetime.combine(day, time(9), ZONE)
    now = since + timedelta(hours=later)
    spans = [(a, min(b, now)) for a, b in spans_after(since, lengths) if a < now]
    limit = Limit(value * 10, unit)
    closed = [(a, b) for a, b in spans if b < now]
    assert DAYS.days_counted(limit, since, closed, now) == walked(unit, day, closed, now)


def test_each_stop_takes_its_own_days_out() -> None:
    since = datetime(2026, 3, 9, 9, tzinfo=ZONE)
    spans = [
        (datetime(2026, 3, 11, 10, tzinfo=ZONE), datetime(2026, 3, 13, 10, tzinfo=ZONE)),
        (datetime(2026, 3, 16, 9, tzinfo=ZONE), datetime(2026, 3, 16, 17, tzinfo=ZONE)),
        (datetime(2026, 3, 17, 9, tzinfo=ZONE), datetime(2026, 3, 20, 18, tzinfo=ZONE)),
    ]
    assert DAYS.days_stopped(Limit(10, "working_days"), since, spans) == [2, 0, 4]
    assert DAYS.days_stopped(Limit(30, "natural_days"), since, spans) == [2, 0, 3]
    assert DAYS.days_counted(Limit(10, "working_days"), since, spans, datetime(2026, 3, 23, 9, tzinfo=ZONE)) == 4


def test_a_stop_after_the_limit_has_passed_takes_nothing_out() -> None:
    since = datetime(2026, 3, 9, 9, tzinfo=ZONE)
    late = [(datetime(2026, 3, 20, 9, tzinfo=ZONE), datetime(2026, 3, 27, 9, tzinfo=ZONE))]
    assert DAYS.days_stopped(Limit(3, "working_days"), since, late) == [0]
    assert DAYS.days_stopped(Limit(3, "natural_days"), since, late) == [0]


def test_what_ends_in_a_year_without_its_notice_is_provisional() -> None:
    assert not DAYS.provisional_at(datetime(2027, 1, 1, tzinfo=ZONE)), "24:00 of 31 December"
    assert DAYS.provisional_at(datetime(2027, 1, 4, 17, 30, tzinfo=ZONE))


def test_a_stop_begun_on_the_first_day_lets_nothing_count_while_it_is_open() -> None:
    since, began = datetime(2026, 3, 9, 9, tzinfo=ZONE), datetime(2026, 3, 9, 10, tzinfo=ZONE)
    for limit in (Limit(10, "working_days"), Limit(30, "natural_days")):
        for later in range(12):
            assert DAYS.days_counted(limit, since, [(began, None)], began + timedelta(days=later)) == 0


def test_a_stop_begun_on_the_first_day_that_ended_takes_out_the_days_at_whose_end_it_stood() -> None:
    since, began = datetime(2026, 3, 9, 9, tzinfo=ZONE), datetime(2026, 3, 9, 10, tzinfo=ZONE)
    now = datetime(2026, 3, 12, 9, tzinfo=ZONE)
    for limit in (Limit(10, "working_days"), Limit(30, "natural_days")):
        for ended, counted in ((9, 3), (10, 3), (11, 2), (12, 1)):
            stop = began, datetime(2026, 3, ended, 11 if ended == 9 else 8, tzinfo=ZONE)
            assert DAYS.days_counted(limit, since, [stop], now) == counted, (limit, ended)


def test_a_stop_of_a_later_day_that_is_open_ends_now() -> None:
    since, began = datetime(2026, 3, 9, 9, tzinfo=ZONE), datetime(2026, 3, 11, 10, tzinfo=ZONE)
    now = datetime(2026, 3, 13, 9, tzinfo=ZONE)
    for limit in (Limit(10, "working_days"), Limit(30, "natural_days")):
        assert DAYS.days_counted(limit, since, [(began, None)], now) == DAYS.days_counted(
            limit, since, [(began, now)], now
        )
