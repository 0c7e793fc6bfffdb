from __future__ import annotations

from datetime import datetime

from supervision.rules.odd_hours_acts import RULE
from tests.supervision.facts import CST, act, facts, found


def night(hour: int, day: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, 30, tzinfo=CST)


def test_three_steps_in_one_night_are_told_as_one_though_midnight_lies_between() -> None:
    acts = [act(1, night(22)), act(2, night(23)), act(3, night(1, 11))]
    (one,) = found(RULE, facts(night(9, 11), acts=acts))
    assert (one.colour, one.subject) == ("yellow", "night/7/2026-03-10")


def test_days_of_rest_count_whatever_the_hour_and_make_up_days_do_not() -> None:
    sunday = [act(n, night(10, 15)) for n in (1, 2, 3)]
    assert len(found(RULE, facts(night(12, 15), acts=sunday))) == 1
    made_up = [act(n, datetime(2026, 2, 28, 10, n, tzinfo=CST)) for n in (1, 2, 3)]
    assert found(RULE, facts(night(12), acts=made_up)) == []


def test_two_late_steps_or_three_in_the_evening_are_none() -> None:
    assert found(RULE, facts(night(23), acts=[act(1, night(22)), act(2, night(22))])) == []
    assert found(RULE, facts(night(23), acts=[act(n, night(19)) for n in (1, 2, 3)])) == []
