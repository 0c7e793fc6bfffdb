"""Limits: what remains, when to warn, and clocks that stop."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from service.expressions import compile_expression
from service.working_time import (
    TIMER_FUNCTIONS,
    Limit,
    Remaining,
    RemainingWork,
    TimerValue,
    Unit,
    WorkingCalendar,
    expression_functions,
    seed_days,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(text: str) -> datetime:
    """A local wall-clock text such as '2026-02-14 10:00' as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return WorkingCalendar.build({day: kind for day, kind, _name in seed_days(range(2004, 2028))})


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-04 10:00", Remaining(3, "working_days", overdue=False)),
        ("2026-03-07 10:00", Remaining(1, "working_days", overdue=False)),
        ("2026-03-09 09:00", Remaining(0, "working_days", overdue=False)),
        ("2026-03-09 17:30", Remaining(0, "working_days", overdue=False)),
        ("2026-03-09 17:31", Remaining(0, "working_days", overdue=True)),
        ("2026-03-10 08:00", Remaining(1, "working_days", overdue=True)),
        ("2026-03-16 08:00", Remaining(5, "working_days", overdue=True)),
    ],
)
def test_working_days_remain_or_are_passed_by_whole_days(
    calendar: WorkingCalendar, now: str, expected: Remaining
) -> None:
    due = calendar.due(Limit(5, "working_days"), date(2026, 3, 2))
    assert calendar.remaining(due, local(now), "working_days") == expected


def test_natural_days_remain_until_the_last_day_ends(calendar: WorkingCalendar) -> None:
    due = calendar.due(Limit(3, "natural_days"), date(2026, 3, 2))
    assert calendar.remaining(due, local("2026-03-03 09:00"), "natural_days") == Remaining(2, "natural_days", False)
    assert calendar.remaining(due, local("2026-03-05 23:59"), "natural_days") == Remaining(0, "natural_days", False)
    assert calendar.remaining(due, local("2026-03-06 00:01"), "natural_days") == Remaining(1, "natural_days", True)


def test_hours_remain_and_pass_in_full_hours(calendar: WorkingCalendar) -> None:
    due = local("2026-03-03 10:00")
    assert calendar.remaining(due, local("2026-03-02 16:40"), "office_hours") == Remaining(1, "office_hours", False)
    assert calendar.remaining(due, local("2026-03-02 16:40"), "hours") == Remaining(17, "hours", False)
    assert calendar.remaining(due, local("2026-03-03 11:59"), "hours") == Remaining(1, "hours", True)
    assert calendar.remaining(due, local("2026-03-03 14:00"), "office_hours") == Remaining(2, "office_hours", True)


def test_shares_of_working_days_are_shares_of_office_time(calendar: WorkingCalendar) -> None:
    limit, since = Limit(5, "working_days"), local("2026-03-02 16:00")
    due = calendar.due(limit, since)
    assert calendar.share_instant(limit, since, due, 0) == local("2026-03-03 09:00")
    assert calendar.share_instant(limit, since, due, 0.5) == local("2026-03-05 14:00")
    assert calendar.share_instant(limit, since, due, 1) == due


def test_shares_of_hours_are_shares_of_elapsed_time(calendar: WorkingCalendar) -> None:
    limit, since = Limit(24, "hours"), local("2026-03-06 17:00")
    assert calendar.share_instant(limit, since, calendar.due(limit, since), 0.5) == local("2026-03-07 05:00")


def test_shares_of_natural_days_begin_with_the_first_counted_day(calendar: WorkingCalendar) -> None:
    limit, since = Limit(2, "natural_days"), local("2026-03-02 16:00")
    assert calendar.share_instant(limit, since, calendar.due(limit, since), 0.5) == local("2026-03-04 00:00")


def test_a_share_over_one_is_refused(calendar: WorkingCalendar) -> None:
    limit = Limit(2, "working_days")
    with pytest.raises(ValueError, match="share of 0 to 1"):
        calendar.share_instant(limit, date(2026, 3, 2), local("2026-03-04 17:30"), 1.01)


def test_ten_working_days_turn_blue_after_five_and_yellow_after_eight(calendar: WorkingCalendar) -> None:
    limit, since = Limit(10, "working_days"), date(2026, 3, 2)
    warnings = calendar.warning_instants(limit, since, calendar.due(limit, since))
    assert warnings.blue == local("2026-03-09 17:30")
    assert warnings.yellow == local("2026-03-12 17:30")


def test_natural_days_that_end_after_the_spring_festival_turn_yellow_before_it(calendar: WorkingCalendar) -> None:
    # From 4 Feb, 15 days end on 19 Feb in the festival and move to 24 Feb; 80 % would be gone on 20 Feb.
    limit, since = Limit(15, "natural_days"), date(2026, 2, 4)
    due = calendar.due(limit, since)
    warnings = calendar.warning_instants(limit, since, due)
    assert due == local("2026-02-25 00:00")
    assert calendar.share_instant(limit, since, due, 0.8) > local("2026-02-20 00:00")
    assert warnings.yellow == local("2026-02-14 17:30")
    assert warnings.blue == local("2026-02-14 17:30")


def test_short_limits_in_natural_days_warn_by_share_alone(calendar: WorkingCalendar) -> None:
    limit, since = Limit(3, "natural_days"), date(2026, 2, 14)
    due = calendar.due(limit, since)
    assert calendar.warning_instants(limit, since, due).yellow == calendar.share_instant(limit, since, due, 0.8)


def test_a_due_instant_moved_by_a_stop_keeps_its_warnings_before_it(calendar: WorkingCalendar) -> None:
    limit, since = Limit(10, "working_days"), date(2026, 3, 2)
    stopped = calendar.remaining_time(limit, calendar.due(limit, since), local("2026-03-04 10:00"))
    due = calendar.resume(stopped, local("2026-03-11 10:00"))
    warnings = calendar.warning_instants(limit, since, due)
    assert due == local("2026-03-23 17:30")
    assert warnings.blue == local("2026-03-16 17:30")
    assert warnings.yellow == local("2026-03-19 17:30")


def test_a_stop_over_whole_working_days_moves_the_due_day_by_as_many(calendar: WorkingCalendar) -> None:
    limit = Limit(10, "working_days")
    due = calendar.due(limit, date(2026, 3, 2))
    stopped = calendar.remaining_time(limit, due, local("2026-03-04 10:00"))
    assert stopped == RemainingWork("working_days", 8)
    assert calendar.resume(stopped, local("2026-03-04 17:00")) == due
    assert calendar.resume(stopped, local("2026-03-05 08:00")) == calendar.due(
        Limit(11, "working_days"), date(2026, 3, 2)
    )
    assert calendar.resume(stopped, local("2026-03-08 08:00")) == calendar.due(
        Limit(13, "working_days"), date(2026, 3, 2)
    )


def test_a_night_or_a_weekend_moves_no_working_day_and_a_whole_day_moves_one(calendar: WorkingCalendar) -> None:
    limit = Limit(1, "working_days")
    due = calendar.due(limit, date(2026, 3, 5))
    overnight = calendar.remaining_time(limit, due, local("2026-03-05 18:00"))
    assert calendar.resume(overnight, local("2026-03-06 08:00")) == due
    last_day = calendar.remaining_time(limit, due, local("2026-03-06 09:00"))
    assert calendar.resume(last_day, local("2026-03-06 17:30")) == due
    assert calendar.resume(last_day, local("2026-03-06 17:31")) == local("2026-03-09 17:30")
    assert calendar.resume(last_day, local("2026-03-09 08:00")) == local("2026-03-09 17:30")


def test_hours_stop_to_the_microsecond(calendar: WorkingCalendar) -> None:
    office, clock = Limit(4, "office_hours"), Limit(4, "hours")
    begun, at, again = local("2026-03-02 10:00"), local("2026-03-02 11:00"), local("2026-03-03 09:30")
    assert calendar.resume(calendar.remaining_time(office, calendar.due(office, begun), at), again) == local(
        "2026-03-03 14:00"
    )
    assert calendar.resume(calendar.remaining_time(clock, calendar.due(clock, begun), at), again) == local(
        "2026-03-03 12:30"
    )


def test_natural_days_stop_by_natural_days(calendar: WorkingCalendar) -> None:
    limit = Limit(10, "natural_days")
    stopped = calendar.remaining_time(limit, calendar.due(limit, date(2026, 3, 2)), local("2026-03-04 10:00"))
    assert stopped == RemainingWork("natural_days", 8)
    assert calendar.resume(stopped, local("2026-03-06 10:00")) == local("2026-03-17 00:00")


def test_a_stop_does_not_heal_a_limit_that_has_passed(calendar: WorkingCalendar) -> None:
    limit = Limit(2, "working_days")
    due = calendar.due(limit, date(2026, 3, 2))
    stopped = calendar.remaining_time(limit, due, local("2026-03-04 18:00"))
    assert calendar.resume(stopped, local("2026-03-20 10:00")) == due


@pytest.mark.parametrize(
    "kept", [RemainingWork("working_days", 8), RemainingWork("hours", 0, datetime(2026, 3, 4, 9, 30, tzinfo=UTC))]
)
def test_what_remains_survives_its_storage(kept: RemainingWork) -> None:
    assert RemainingWork.from_json(json.loads(json.dumps(kept.as_json()))) == kept


def test_a_stored_rest_of_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected one of the units"):
        RemainingWork.from_json({"unit": "weeks", "amount": 1})


def test_a_limit_of_an_unknown_unit_or_size_is_refused() -> None:
    with pytest.raises(ValueError, match="weeks"):
        Limit(1, "weeks")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="3651"):
        Limit(3651, "hours")


def test_a_timer_expression_gives_an_instant_with_the_offset_of_the_county(calendar: WorkingCalendar) -> None:
    call = expression_functions(calendar, local("2026-03-02 10:00"))
    expression = compile_expression("working_days(5)", functions=frozenset(TIMER_FUNCTIONS))
    value = expression.evaluate(lambda name: None, call)
    assert value == "2026-03-09T17:30:00+08:00"
    assert isinstance(value, TimerValue)
    assert (value.limit, value.since) == (Limit(5, "working_days"), local("2026-03-02 10:00"))
    assert value.due == local("2026-03-09 17:30")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("working_days(10, since='2026-11-23')", "2026-12-07T17:30:00+08:00"),
        ("natural_days(3, since=received_on)", "2026-03-06T00:00:00+08:00"),
        ("minutes(10)", "2026-03-02T10:10:00+08:00"),
        ("office_hours(4)", "2026-03-02T15:30:00+08:00"),
        ("hours(24, since='2026-03-02T02:00:00+00:00')", "2026-03-03T10:00:00+08:00"),
        ("working_days(20) if reg_kind != 'found' else natural_days(60)", "2026-05-07T00:00:00+08:00"),
    ],
)
def test_limits_count_from_the_recorded_day_or_from_now(calendar: WorkingCalendar, source: str, expected: str) -> None:
    variables = {"received_on": date(2026, 3, 2), "reg_kind": "found"}
    expression = compile_expression(source, functions=frozenset(TIMER_FUNCTIONS))
    call = expression_functions(calendar, local("2026-03-02 10:00"))
    assert expression.evaluate(variables.get, call) == expected


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("weeks", (1,), {}),
        ("working_days", (), {}),
        ("working_days", (1, 2), {}),
        ("working_days", (3651,), {}),
        ("working_days", (-1,), {}),
        ("working_days", (True,), {}),
        ("working_days", ("5",), {}),
        ("working_days", (5,), {"until": "2026-03-02"}),
        ("working_days", (5,), {"since": None}),
        ("working_days", (5,), {"since": ""}),
        ("working_days", (5,), {"since": "2026-02-30"}),
        ("working_days", (5,), {"since": "9999-12-31"}),
        ("hours", (5,), {"since": "2026-03-02T10:00:00"}),
    ],
)
def test_calls_that_make_no_sense_are_value_errors(
    calendar: WorkingCalendar, name: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"Expected|Invalid|day is out of range"):
        expression_functions(calendar, local("2026-03-02 10:00"))(name, args, kwargs)


def test_a_timer_value_survives_copying_and_pickling(calendar: WorkingCalendar) -> None:
    value = expression_functions(calendar, local("2026-03-02 10:00"))("hours", (1,), {})
    for twin in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert (twin, twin.due, twin.limit, twin.since) == (value, value.due, value.limit, value.since)


def test_the_functions_are_named_like_the_units() -> None:
    units: list[Unit] = ["working_days", "natural_days", "office_hours", "hours", "minutes"]
    assert list(TIMER_FUNCTIONS) == units
