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


BUSY = (4, 3, 5, 4, 3, 4, 5, 4, 2, 4)


def test_three_days_without_a_case_where_every_day_had_some_are_told() -> None:
    (one,) = found(RULE, facts(intakes=[window(0, 0, 0, *BUSY)]))
    assert one.colour == "yellow" and "3 个工作日" in one.summary_zh


def test_a_silence_that_goes_on_is_one_alarm() -> None:
    subjects = {one.subject for n in (3, 4) for one in found(RULE, facts(intakes=[_silent_since_march(n)]))}
    assert len(subjects) == 1


def _silent_since_march(quiet: int) -> Intake:
    """Silent since 2 March; the pass of the day after knows one day more."""
    days = [(date(2026, 3, 1) + timedelta(n), 0) for n in range(quiet)][::-1]
    return Intake("YJ", "局", "Bureau", (*days, *((date(2026, 2, 28) - timedelta(n), c) for n, c in enumerate(BUSY))))


def test_two_days_and_a_window_that_seldom_has_any_are_not() -> None:
    assert found(RULE, facts(intakes=[window(0, 0, *BUSY), window(0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1)])) == []
    assert found(RULE, facts(intakes=[window(0, 0, 0)])) == []


def test_a_window_of_one_case_a_day_must_be_silent_for_longer() -> None:
    usual = (1, 2, 1, 1, 2, 1, 0, 2, 1, 1, 2, 1, 1, 2)
    assert found(RULE, facts(intakes=[window(0, 0, 0, *usual)])) == []
    assert len(found(RULE, facts(intakes=[window(*[0] * 10, *usual)]))) == 1


def test_a_silence_is_held_against_the_three_weeks_before_it_and_nothing_older() -> None:
    usual = (2, 1, 3, 2, 1, 2, 2, 1, 2, 3, 1, 2, 2, 1, 2)
    assert len(found(RULE, facts(intakes=[window(*[0] * 11, *usual, *[0] * 10)]))) == 1


def test_a_stretch_as_quiet_within_the_month_excuses_it() -> None:
    assert found(RULE, facts(intakes=[window(0, 0, 0, 9, 8, 9, 1, 0, 1, 9, 8, 9, 9)])) == []


def test_the_county_chooses_how_long() -> None:
    assert found(RULE, facts(intakes=[window(0, 0, 0, *BUSY)]), chosen(RULE, days=4)) == []


def test_a_batch_of_one_day_makes_no_busy_window() -> None:
    lumpy = (1, 0, 1, 12, 1, 1, 2, 0, 1, 1, 1, 2, 1, 1)
    assert found(RULE, facts(intakes=[window(0, 0, 0, 0, *lumpy)])) == []
