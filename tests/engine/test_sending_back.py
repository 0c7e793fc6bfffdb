"""A token is sent back to an earlier step: what lies between is done anew, everything else stays as it is."""

from __future__ import annotations

import pytest

from service.engine import EngineFailure
from tests.engine.county import desk
from tests.engine.drawing import PARALLEL, XOR, after, boundary, call, draw

LINE = "start -> a -> b -> c -> end"
FORK = "start -> s -> f\nf -> a1 -> a2 -> j\nf -> b1 -> b2 -> j\nj -> c -> end"
GATES = {"f": PARALLEL, "j": PARALLEL}


def test_a_step_is_done_again_and_the_case_goes_on_to_its_end() -> None:
    case = desk(draw("p", LINE))
    case.complete("a")
    case.complete("b")
    outcome = case.send_back("c", "a")
    assert case.steps == ["a"]
    assert [step.element.id for step in outcome.entered] == ["a"]
    for step in "abc":
        case.complete(step)
    assert case.last is not None and case.last.completed


def test_sent_back_within_a_branch_the_other_branch_stays() -> None:
    case = desk(draw("p", FORK, **GATES))
    case.complete("s")
    case.complete("a1")
    beside = case.task("b1")
    case.send_back("a2", "a1")
    assert case.steps == ["a1", "b1"] and case.task("b1") == beside
    for step in ("b1", "b2", "a1", "a2"):
        case.complete(step)
    assert case.steps == ["c"]


@pytest.mark.parametrize("done", [(), ("b1",), ("b1", "b2")])
def test_sent_back_before_the_fork_every_branch_is_done_anew_and_once(done: tuple[str, ...]) -> None:
    """Trap: a token of the first round that waits at the join would open it in the second with one branch missing."""
    case = desk(draw("p", FORK, **GATES))
    for step in ("s", "a1", *done):
        case.complete(step)
    case.send_back("a2", "s")
    assert case.steps == ["s"]
    case.complete("s")
    assert case.steps == ["a1", "b1"]
    for step in ("a1", "a2", "b1"):
        case.complete(step)
    assert case.steps == ["b2"]
    case.complete("b2")
    assert case.steps == ["c"]
    assert case.complete("c").completed


def test_the_arrival_of_the_branch_beside_is_kept_for_the_join() -> None:
    case = desk(draw("p", FORK, **GATES))
    for step in ("s", "b1", "b2", "a1"):
        case.complete(step)
    case.send_back("a2", "a1")
    case.complete("a1")
    case.complete("a2")
    assert case.steps == ["c"]


def test_a_way_past_the_task_and_back_to_the_fork_takes_no_branch_along() -> None:
    lines = "start -> s -> f\nf -> a1 -> x\nx -> a2 if careful\nx -> m\na2 -> m -> j\nf -> b1 -> j\nj -> c -> g\n"
    lines += "g -> s if again\ng -> end"
    case = desk(draw("p", lines, f=PARALLEL, j=PARALLEL, x=XOR, m=XOR, g=XOR))
    case.complete("s")
    case.complete("a1", careful=True)
    case.send_back("a2", "a1")
    assert case.steps == ["a1", "b1"]


def test_the_limits_of_the_scope_run_on_and_those_of_the_steps_between_end() -> None:
    lines = "start -> a -> b -> end\nal -> end_al\nbl -> end_bl"
    case = desk(
        draw(
            "p",
            lines,
            al=boundary("a", after("'P3D'"), role="step_limit"),
            bl=boundary("b", after("'P2D'"), role="step_limit"),
        )
    )
    case.complete("a")
    case.wait(hours=1)
    outcome = case.send_back("b", "a")
    assert sorted(case.timers.values()) == ["al"]
    assert len(outcome.disarmed) == 1 and len(outcome.armed) == 1
    case.wait(days=4)
    assert case.passed.count("timer al") == 1 and "timer bl" not in case.passed
    case.complete("a")
    case.complete("b")
    assert case.last is not None and case.last.completed


def test_a_limit_that_has_passed_leaves_nothing_behind_that_waits() -> None:
    lines = "start -> a -> b -> end\nbl -> end_bl"
    case = desk(draw("p", lines, bl=boundary("b", after("'P2D'"), role="step_limit")))
    case.complete("a")
    case.wait(days=3)
    case.send_back("b", "a")
    case.complete("a")
    assert case.complete("b").completed


def test_a_called_diagram_that_runs_beside_ends_with_its_branch() -> None:
    called = draw("q", "start -> inner -> end")
    lines = "start -> s -> f\nf -> a -> j\nf -> k -> j\nj -> end"
    case = desk(draw("p", lines, f=PARALLEL, j=PARALLEL, k=call("q")), called)
    case.complete("s")
    assert case.steps == ["a", "inner", "k"]
    case.send_back("a", "s")
    assert case.steps == ["s"]
    for step in ("s", "inner", "a"):
        case.complete(step)
    assert case.last is not None and case.last.completed


def test_a_token_is_not_sent_out_of_its_scope_nor_to_what_does_not_lead_to_it() -> None:
    called = draw("q", "start -> inner -> end")
    case = desk(draw("p", "start -> s -> k -> last -> end", k=call("q")), called)
    case.complete("s")
    with pytest.raises(EngineFailure, match="elsewhere"):
        case.send_back("inner", "s")
    other = desk(draw("p", "start -> f\nf -> a -> end\nf -> b -> end2", f=PARALLEL))
    with pytest.raises(EngineFailure, match="does not"):
        other.send_back("a", "b")


def test_a_hundred_rounds_leave_the_state_as_small_as_one() -> None:
    case = desk(draw("p", FORK, **GATES))
    case.complete("s")
    sizes = []
    for _ in range(100):
        case.complete("a1")
        case.send_back("a2", "s")
        case.complete("s")
        sizes.append(len(case.state))
    assert sizes[-1] <= sizes[0] + 64
