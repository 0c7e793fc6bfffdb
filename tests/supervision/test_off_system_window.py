from __future__ import annotations

from datetime import date, timedelta

from supervision.facts import Intake
from supervision.rules.off_system_window import RULE
from tests.supervision.facts import chosen, facts, found


def window(*counts: int) -> Intake:
    """Working days before 9 March 2026, the newest first."""
    return Intake(
        "YJ", "县应急管理局", "Emergency", tuple((date(2026, 3, 8) - timedelta(n), c) for n, c in enumerate(counts))
    )


def test_three_days_without_a_case_where_every_day_had_some_are_told() -> None:
    (one,) = found(RULE, facts(intakes=[window(0, 0, 0, 4, 3, 5, 4)]))
    assert one.colour == "yellow" and "3 个工作日" in one.summary_zh


def test_two_days_and_a_window_that_seldom_has_any_are_not() -> None:
    assert found(RULE, facts(intakes=[window(0, 0, 2, 4, 3, 5), window(0, 0, 0, 0, 1, 0, 1, 0)])) == []
    assert found(RULE, facts(intakes=[window(0, 0, 0)])) == []


def test_the_county_chooses_how_long() -> None:
    assert found(RULE, facts(intakes=[window(0, 0, 0, 4, 3, 5, 4)]), chosen(RULE, days=4)) == []
