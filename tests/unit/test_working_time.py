"""Working days, office hours and the calendar table, against days of the county's calendar looked up by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from service.working_time import DayKind, WorkingCalendar, seed_days, statutory_days

SHANGHAI = ZoneInfo("Asia/Shanghai")
CATALOGUE = Path(__file__).parents[2] / "processes/catalogue/items.yaml"


def local(text: str) -> datetime:
    """A local wall-clock text such as '2026-02-14 10:00' as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return WorkingCalendar.build({day: kind for day, kind, _name in seed_days(range(2004, 2028))})


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Any]:
    meta: dict[str, Any] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["meta"]
    return meta


def test_the_seeded_year_equals_the_calendar_of_the_catalogue(catalogue: dict[str, Any]) -> None:
    listed = catalogue["calendar_2026"]
    rows = seed_days([2026])
    off = [day for day, kind, _name in rows if kind in ("holiday", "rest") and day.isoweekday() < 6]
    made_up = [day for day, kind, _name in rows if kind == "makeup"]
    assert off == [date.fromisoformat(f"2026-{text}") for text in listed["weekdays_off"]]
    assert made_up == [date.fromisoformat(f"2026-{text}") for text in listed["makeup_workdays"]]


def test_every_day_of_2026_works_or_rests_as_the_catalogue_says(
    calendar: WorkingCalendar, catalogue: dict[str, Any]
) -> None:
    listed = catalogue["calendar_2026"]
    for day in (date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)):
        text = day.isoformat()[5:]
        expected = text in listed["makeup_workdays"] or (day.isoweekday() < 6 and text not in listed["weekdays_off"])
        assert calendar.is_workday(day) is expected, day


def test_seeded_days_carry_their_kind_and_chinese_name() -> None:
    rows = {day: (kind, name) for day, kind, name in seed_days([2026])}
    assert rows[date(2026, 2, 17)] == ("holiday", "春节")
    assert rows[date(2026, 2, 20)] == ("rest", "春节")
    assert rows[date(2026, 2, 14)] == ("makeup", "春节")
    assert {day.year for day in rows} == {2026}


def test_a_year_without_its_notice_gives_no_rows_and_is_provisional(calendar: WorkingCalendar) -> None:
    assert seed_days([2027]) == []
    assert not calendar.is_provisional(2026)
    assert calendar.is_provisional(2027)
    assert calendar.is_provisional(2061)


def test_a_provisional_year_rests_on_its_thirteen_statutory_days(calendar: WorkingCalendar) -> None:
    days = statutory_days(2027)
    assert len(days) == 13
    assert all(not calendar.is_workday(day) for day, _name in days)
    assert [day for day, name in days if name == "春节"] == [date(2027, 2, day) for day in (5, 6, 7, 8)]
    assert calendar.is_workday(date(2027, 2, 9))


@pytest.mark.parametrize("year", range(2027, 2041))
def test_festivals_of_the_lunar_calendar_stay_in_their_solar_bounds(year: int) -> None:
    days = statutory_days(year)
    first = [day for day, name in days if name == "春节"][1]
    assert date(year, 1, 21) <= first <= date(year, 2, 21)
    dragon_boat = next(day for day, name in days if name == "端午节")
    mid_autumn = next(day for day, name in days if name == "中秋节")
    # Fifth day of the fifth month and fifteenth of the eighth: four and seven moons later, one more in a leap year.
    assert (dragon_boat - first).days in (*range(121, 124), *range(151, 154))
    assert (mid_autumn - dragon_boat).days in (*range(97, 101), *range(127, 131))


def test_the_notice_of_a_year_moves_a_due_day_that_was_provisional() -> None:
    noticed: dict[date, DayKind] = {
        **{date(2027, 2, day): "holiday" for day in range(5, 13)},
        date(2027, 1, 30): "makeup",
        date(2027, 2, 14): "makeup",
    }
    before, after = WorkingCalendar.build({}), WorkingCalendar.build(noticed)
    assert before.is_provisional(2027)
    assert not after.is_provisional(2027)
    assert before.local_date(before.add_working_days(date(2027, 2, 4), 3)) == date(2027, 2, 11)
    assert after.local_date(after.add_working_days(date(2027, 2, 4), 3)) == date(2027, 2, 16)


def test_a_rest_day_of_the_county_alone_leaves_the_year_provisional() -> None:
    calendar = WorkingCalendar.build({date(2027, 3, 8): "rest"})
    assert calendar.is_provisional(2027)
    assert not calendar.is_workday(date(2027, 3, 8))
    assert not calendar.is_workday(date(2027, 10, 1))


def test_a_year_may_be_declared_noticed_without_any_holiday() -> None:
    calendar = WorkingCalendar.build({date(2027, 10, 9): "workday"}, noticed_years=[2027])
    assert calendar.is_workday(date(2027, 10, 1))
    assert calendar.is_workday(date(2027, 10, 9))


def test_the_first_day_is_not_counted_and_the_last_ends_at_close_of_business(calendar: WorkingCalendar) -> None:
    monday_morning = local("2026-03-02 09:05")
    assert calendar.add_working_days(monday_morning, 5) == local("2026-03-09 17:30")
    assert calendar.add_working_days(date(2026, 3, 2), 5) == local("2026-03-09 17:30")
    assert calendar.add_working_days(monday_morning, 5).tzinfo is UTC


def test_five_working_days_over_the_spring_festival_of_2026_count_its_make_up_days(calendar: WorkingCalendar) -> None:
    # 13 Feb Friday, 14 Feb Saturday worked, 15-23 Feb off, 28 Feb Saturday worked.
    assert calendar.add_working_days(date(2026, 2, 13), 1) == local("2026-02-14 17:30")
    assert calendar.add_working_days(date(2026, 2, 13), 2) == local("2026-02-24 17:30")
    assert calendar.add_working_days(date(2026, 2, 13), 6) == local("2026-02-28 17:30")
    assert calendar.add_working_days(date(2026, 2, 13), 7) == local("2026-03-02 17:30")


def test_a_limit_counted_from_a_rest_day_begins_on_the_next_working_day(calendar: WorkingCalendar) -> None:
    assert calendar.add_working_days(local("2026-03-07 20:00"), 1) == local("2026-03-09 17:30")


def test_no_working_days_end_at_close_of_the_day_itself_or_of_the_next_working_day(calendar: WorkingCalendar) -> None:
    assert calendar.add_working_days(date(2026, 3, 6), 0) == local("2026-03-06 17:30")
    assert calendar.add_working_days(date(2026, 3, 7), 0) == local("2026-03-09 17:30")


def test_the_local_day_decides_not_the_day_of_greenwich(calendar: WorkingCalendar) -> None:
    late_sunday_in_greenwich = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    assert calendar.add_working_days(late_sunday_in_greenwich, 1) == local("2026-03-03 17:30")
    assert calendar.local_date(late_sunday_in_greenwich) == date(2026, 3, 2)


def test_natural_days_end_at_midnight_after_the_last_day(calendar: WorkingCalendar) -> None:
    assert calendar.add_natural_days(date(2026, 3, 2), 3) == local("2026-03-06 00:00")


def test_natural_days_that_end_on_a_rest_day_move_to_the_next_working_day(calendar: WorkingCalendar) -> None:
    assert calendar.add_natural_days(date(2026, 3, 2), 5) == local("2026-03-10 00:00")
    assert calendar.add_natural_days(date(2026, 2, 6), 10) == local("2026-02-25 00:00")


def test_natural_days_that_end_on_a_make_up_saturday_stay_there(calendar: WorkingCalendar) -> None:
    assert calendar.add_natural_days(date(2026, 2, 9), 5) == local("2026-02-15 00:00")


def test_office_hours_run_at_once_and_pause_at_noon_and_overnight(calendar: WorkingCalendar) -> None:
    assert calendar.add_office_hours(local("2026-03-02 10:00"), 4) == local("2026-03-02 15:30")
    assert calendar.add_office_hours(local("2026-03-02 13:30"), 4) == local("2026-03-02 17:30")
    assert calendar.add_office_hours(local("2026-03-02 16:30"), 4) == local("2026-03-03 12:00")
    assert calendar.add_office_hours(local("2026-03-06 17:00"), 1) == local("2026-03-09 09:30")
    assert calendar.add_office_hours(local("2026-03-07 23:00"), 0) == local("2026-03-07 23:00")


def test_hours_of_the_clock_run_through_the_night(calendar: WorkingCalendar) -> None:
    assert calendar.add_hours(local("2026-03-06 17:00"), 24) == local("2026-03-07 17:00")
    assert calendar.add_hours(date(2026, 3, 6), 24) == local("2026-03-07 00:00")


def test_office_minutes_leave_out_noon_night_and_rest_days(calendar: WorkingCalendar) -> None:
    assert calendar.office_minutes_between(local("2026-03-02 11:50"), local("2026-03-02 13:40")) == 20
    assert calendar.office_minutes_between(local("2026-03-06 17:00"), local("2026-03-09 09:00")) == 30
    assert calendar.office_minutes_between(local("2026-03-09 09:00"), local("2026-03-06 17:00")) == -30
    assert calendar.office_minutes_between(local("2026-03-07 09:00"), local("2026-03-08 17:00")) == 0


def test_working_days_between_leave_out_the_first_day(calendar: WorkingCalendar) -> None:
    assert calendar.working_days_between(date(2026, 3, 2), date(2026, 3, 9)) == 5
    assert calendar.working_days_between(date(2026, 3, 9), date(2026, 3, 2)) == -5
    assert calendar.working_days_between(date(2026, 12, 31), date(2027, 1, 4)) == 1


@pytest.mark.parametrize("hours", [[], ["09:00-09:00"], ["13:30-17:30", "09:00-12:00"], ["09:00-13:00", "12:00-17:00"]])
def test_office_hours_that_overlap_or_stand_out_of_order_are_refused(hours: list[str]) -> None:
    with pytest.raises(ValueError, match="Expected office hours in order"):
        WorkingCalendar.build({}, office_hours=hours)


def test_a_zone_with_summer_time_is_refused() -> None:
    with pytest.raises(ValueError, match="without summer time, but found Europe/Paris"):
        WorkingCalendar.build({}, zone="Europe/Paris")


def test_an_unknown_kind_of_day_is_refused() -> None:
    with pytest.raises(ValueError, match="half"):
        WorkingCalendar.build({date(2026, 3, 2): "half"})  # type: ignore[dict-item]


@pytest.mark.parametrize("count", [-1, 3651, True, 2.0])
def test_counts_outside_the_bounds_are_refused(calendar: WorkingCalendar, count: Any) -> None:
    for add in (calendar.add_working_days, calendar.add_natural_days, calendar.add_office_hours, calendar.add_hours):
        with pytest.raises(ValueError, match="whole number of 0 to 3650"):
            add(date(2026, 3, 2), count)


@pytest.mark.parametrize("since", [date(1999, 12, 31), date(2061, 1, 1), datetime(1999, 1, 1, tzinfo=UTC)])
def test_days_off_the_table_are_refused(calendar: WorkingCalendar, since: date) -> None:
    for add in (calendar.add_working_days, calendar.add_natural_days, calendar.add_office_hours, calendar.add_hours):
        with pytest.raises(ValueError, match="2000 to 2060"):
            add(since, 1)


def test_an_instant_without_offset_is_refused(calendar: WorkingCalendar) -> None:
    with pytest.raises(ValueError, match="Expected an instant with an offset"):
        calendar.add_working_days(datetime(2026, 3, 2, 9, 0), 1)  # noqa: DTZ001


def test_a_limit_that_ends_beyond_the_table_is_refused(calendar: WorkingCalendar) -> None:
    with pytest.raises(ValueError, match="2000 to 2060"):
        calendar.add_working_days(date(2058, 1, 2), 3650)
