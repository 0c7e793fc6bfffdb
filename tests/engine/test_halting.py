"""Too early: the 58 seconds that halt a case, and the supervisor's two ways out of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.engine import EngineFailure
from tests.engine.county import MONDAY, Desk, desk
from tests.engine.drawing import XOR, Node, after, boundary, draw, on_error, scope, user

RULING = """
start_h -> survey -> review -> end_h
survey_minimum -> end_minimum
survey_limit -> end_limit
survey_too_early -> ruling -> g
g -> survey
g -> review if halt_ruling == 'release'
"""
HANDLING = scope(
    RULING,
    survey=user(post="officer"),
    survey_minimum=boundary("survey", after("'PT30M'"), role="minimum"),
    survey_limit=boundary("survey", after("'P5D'"), role="step_limit"),
    survey_too_early=boundary("survey", on_error("TOO_EARLY"), interrupting=True, role="too_early"),
    ruling=user(halts="case", post="sup1"),
    g=XOR,
)


def licence() -> bytes:
    lines = "start -> accept -> handling -> g2\ng2 -> end_ok if opinion == 'ok'\ng2 -> end\nstatutory -> end_red"
    lines += "\nmoved -> withdrawn -> end"
    return draw(
        "p",
        lines,
        handling=HANDLING,
        g2=XOR,
        statutory=boundary("handling", after("'P20D'"), role="statutory_limit"),
        moved=boundary("handling", after("'P10D'"), interrupting=True, role="move"),
    )


def surveyed() -> Desk:
    case = desk(licence())
    case.complete("accept")
    return case


def test_the_minimum_is_told_with_the_step_and_is_exact() -> None:
    """Trap: the minimum's timer fires strictly after its instant, which would refuse an act at 30 min 00 s."""
    case = desk(licence())
    step = next(s for s in case.complete("accept").entered if s.element.id == "survey")
    assert step.earliest_at == MONDAY + timedelta(minutes=30)
    assert step.due_at == MONDAY + timedelta(days=5)
    case.now = step.earliest_at
    assert case.complete("survey").happenings == ()
    assert "review" in case.steps


def test_a_survey_finished_in_58_seconds_halts_the_case() -> None:
    case = surveyed()
    task = case.task("survey")
    case.now += timedelta(seconds=58)
    outcome = case.halt("survey", opinion="ok")
    assert outcome.halted
    assert task in outcome.left
    assert case.steps == ["handling", "ruling"]
    assert case.load().halted
    assert set(case.timers.values()) == {"statutory", "moved"}


def test_a_redo_begins_the_step_anew_with_a_minimum_of_its_own() -> None:
    case = surveyed()
    first = case.task("survey")
    case.halt("survey", opinion="ok")
    case.now += timedelta(hours=1)
    outcome = case.complete("ruling", halt_ruling="redo")
    assert not outcome.halted
    (step,) = [s for s in outcome.entered if s.element.id == "survey"]
    assert step.id != first
    assert step.earliest_at == case.now + timedelta(minutes=30)
    assert step.due_at == case.now + timedelta(days=5)


def test_a_release_joins_the_flow_that_the_step_would_have_taken() -> None:
    case = surveyed()
    case.halt("survey", opinion="ok")
    assert not case.complete("ruling", halt_ruling="release").halted
    assert case.steps == ["handling", "review"]


def test_what_was_answered_too_early_is_there_after_a_release() -> None:
    """Trap: on the boundary event's own token the parent's data would win over the answers."""
    case = surveyed()
    case.halt("survey", opinion="ok")
    case.complete("ruling", halt_ruling="release")
    assert case.load().variables == {"opinion": "ok", "halt_ruling": "release"}
    case.complete("review")
    assert "ended end_ok" in case.passed


def test_a_second_act_after_a_redo_halts_again() -> None:
    case = surveyed()
    for _ in range(3):
        assert case.halt("survey", opinion="ok").halted
        assert not case.complete("ruling", halt_ruling="redo").halted
    case.now += timedelta(minutes=30)
    case.complete("survey", opinion="ok")
    assert case.steps == ["handling", "review"]


def test_a_step_without_the_way_out_is_not_halted() -> None:
    case = desk(licence())
    state = case.state
    run = case.load()
    assert not run.halt(case.task("accept"), {"opinion": "ok"})
    assert run.dump() == state


def test_a_step_that_is_not_open_cannot_be_halted() -> None:
    case = surveyed()
    task = case.task("survey")
    case.halt("survey")
    with pytest.raises(EngineFailure, match="ready"):
        case.load().halt(task, {})


def test_while_a_case_is_halted_warnings_fire_and_moves_wait() -> None:
    """Trap: a timer that takes the case away from the supervisor would lift the halt by itself."""
    case = surveyed()
    case.halt("survey")
    case.wait(days=21)
    assert [name for name in case.passed if name.startswith("timer")] == ["timer statutory"]
    assert case.steps == ["handling", "ruling"]
    assert "moved" in case.timers.values()


@pytest.mark.parametrize("ruling", ["redo", "release"])
def test_a_move_that_waited_happens_when_the_halt_ends(ruling: str) -> None:
    case = surveyed()
    case.halt("survey")
    case.wait(days=21)
    outcome = case.complete("ruling", halt_ruling=ruling)
    assert [h.element.id for h in outcome.happenings if h.kind == "timer"] == ["moved"]
    assert case.steps == ["withdrawn"]
    assert not outcome.halted


def test_a_move_due_in_the_act_that_halts_waits_too() -> None:
    """Trap: whether a case is halted must be seen within the act, not only before and after it."""
    lines = "start -> f\nf -> survey -> end\nf -> b -> end\nearly -> ruling -> late -> end\nmove -> c -> end"
    case = desk(
        draw(
            "p",
            lines,
            f=Node("parallelGateway"),
            early=boundary("survey", on_error("TOO_EARLY"), interrupting=True),
            ruling=user(halts="case"),
            move=boundary("b", after("'PT1H'"), interrupting=True),
        )
    )
    case.now += timedelta(hours=2)
    run = case.load()
    assert run.halt(case.task("survey"), {})
    outcome = run.outcome()
    assert outcome.halted
    assert [step.element.id for step in outcome.entered] == ["ruling"]
    assert case.task("b") not in outcome.left
