"""Timers that come again: counted from the last due time, in their order, as often as they say, beside an open step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.engine import CaseRun, EngineFailure
from service.engine.run import MOST_REPEATS_IN_ONE_ACT
from service.engine.specs import MOST_BY_CALENDAR
from tests.engine.county import MONDAY, Desk, desk
from tests.engine.drawing import after, boundary, draw, every, service


def reminded(cycle: str, *, service_behind: bool = False) -> Desk:
    """A step `a` with a reminder that repeats, and `b` after it."""
    more = {"told": service("publish")} if service_behind else {}
    way = "again -> told -> end_told" if service_behind else "again -> end_told"
    return desk(draw("p", f"start -> a -> b -> end\n{way}", again=boundary("a", every(cycle)), **more))


def test_a_cycle_fires_as_often_as_it_says_and_no_more() -> None:
    case = reminded("'R3/PT1H'")
    for hour in range(1, 6):
        case.now = MONDAY + timedelta(hours=hour, seconds=1)
        case.wait()
        assert case.passed.count("timer again") == min(hour, 3)
    assert case.timers == {}
    assert case.steps == ["a"]


def test_the_next_time_counts_from_the_last_due_one_however_late_it_was_fired() -> None:
    case = reminded("'R/PT1H'")
    outcome = case.wait(hours=1, minutes=40)
    assert [armed.due_at - MONDAY for armed in outcome.armed] == [timedelta(hours=2)]


def test_a_clock_that_jumps_forward_fires_each_time_that_was_missed_and_back_fires_nothing_again() -> None:
    case = reminded("'R/PT1H'", service_behind=True)
    outcome = case.wait(hours=4, minutes=1)
    assert case.passed.count("timer again") == 4
    assert [armed.due_at - MONDAY for armed in outcome.armed] == [timedelta(hours=5)]
    case.wait(hours=-3)
    assert case.passed.count("timer again") == 4
    assert len(case.timers) == 1


def test_what_has_fallen_far_behind_catches_up_over_several_acts() -> None:
    case = reminded("'R/PT1M'")
    case.wait(minutes=MOST_REPEATS_IN_ONE_ACT + 20, seconds=1)
    assert case.passed.count("timer again") == MOST_REPEATS_IN_ONE_ACT
    case.wait()
    assert case.passed.count("timer again") == MOST_REPEATS_IN_ONE_ACT + 20
    assert len(case.timers) == 1


def test_a_step_that_is_done_is_not_reminded_of_any_more_and_the_case_comes_to_its_end() -> None:
    case = reminded("'R5/PT1H'", service_behind=True)
    case.wait(hours=2, minutes=1)
    case.complete("a")
    assert (case.timers, case.steps) == ({}, ["b"])
    case.wait(hours=9)
    assert case.complete("b").completed
    assert case.passed.count("timer again") == 2


def test_other_timers_keep_their_places_among_the_repeats() -> None:
    case = desk(
        draw(
            "p",
            "start -> a -> end\nagain -> end_a\nonce -> end_b",
            again=boundary("a", every("'R3/PT2H'")),
            once=boundary("a", after("'PT3H'")),
        )
    )
    case.wait(hours=7)
    assert [one for one in case.passed if one.startswith("timer")] == [
        "timer again",
        "timer once",
        "timer again",
        "timer again",
    ]


def test_a_paused_cycle_goes_on_where_it_was_resumed() -> None:
    case = reminded("'R2/PT1H'")
    run = case.load()
    run.pause_timer(case.timer("again"), {"left": 1})
    case._keep(run)
    case.wait(hours=5)
    assert "timer again" not in case.passed
    run = case.load()
    run.resume_timer(case.timer("again"), case.now + timedelta(minutes=10))
    case._keep(run)
    outcome = case.wait(minutes=11)
    assert [armed.due_at - case.now for armed in outcome.armed] == [timedelta(minutes=59)]


def test_the_state_does_not_grow_with_the_times_that_have_come() -> None:
    case = reminded("'R/PT1H'", service_behind=True)
    case.wait(hours=2, minutes=1)
    early = len(case.state)
    for _ in range(60):
        case.wait(hours=1)
    assert len(case.state) <= early * 1.1
    assert CaseRun.load(case.model, case.office(), case.now, case.state).outcome().entered == ()


@pytest.mark.parametrize("cycle", ["'R0/PT1H'", "'R3/PT0S'", "'PT1H'", "'R3/x'", "3", "'R-1/PT1H'"])
def test_what_is_no_cycle_fails_when_it_is_armed(cycle: str) -> None:
    with pytest.raises(EngineFailure):
        reminded(cycle)


def test_a_cycle_by_the_calendar_counts_anew_from_when_it_came_and_ends_after_some_times() -> None:
    case = reminded("office_hours(3)")
    assert len(case.timers) == 1
    for _ in range(MOST_BY_CALENDAR + 3):
        case.wait(days=1)
    assert case.passed.count("timer again") == MOST_BY_CALENDAR
    assert case.timers == {}
    assert case.steps == ["a"]


def test_a_long_silence_is_one_reminder_by_the_calendar() -> None:
    case = reminded("office_hours(3)")
    outcome = case.wait(days=30)
    assert case.passed.count("timer again") == 1
    assert all(armed.due_at > MONDAY + timedelta(days=30) for armed in outcome.armed)
