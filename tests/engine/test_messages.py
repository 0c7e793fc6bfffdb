"""Messages from outside: who gets them, what they bring, and a case that begins with one."""

from __future__ import annotations

from tests.engine.county import desk
from tests.engine.drawing import PARALLEL, XOR, Node, after, boundary, catch, draw, on_message, receive

WAITING = draw(
    "p",
    "start -> w -> g\ng -> a if complete\ng -> w\na -> end\nlate -> b -> end",
    w=receive("correction"),
    g=XOR,
    late=boundary("w", after("'P15D'"), interrupting=True, role="step_limit"),
)


def test_a_step_waits_for_its_message_across_reloads() -> None:
    """Trap: after a reload the library's list of who waits is empty."""
    case = desk(WAITING)
    (step,) = case.load().waiting_steps()
    assert (step.element.id, step.element.message) == ("w", "correction")
    assert step.due_at is not None
    for _ in range(3):
        case.state = case.load().dump()
    assert case.receive("correction", complete=True) == step.id
    assert case.steps == ["a"]
    assert case.timers == {}


def test_a_message_that_nobody_waits_for_changes_nothing() -> None:
    case = desk(WAITING)
    run = case.load()
    assert run.receive("payment", {"complete": True}) is None
    assert run.dump() == case.state
    assert run.variables == {}


def test_what_a_message_brings_is_there_for_the_conditions_behind_it() -> None:
    case = desk(WAITING)
    case.receive("correction", complete=False)
    assert case.steps == ["w"]
    case.receive("correction", complete=True)
    assert case.steps == ["a"]


def test_a_message_after_the_limit_comes_too_late() -> None:
    case = desk(WAITING)
    case.wait(days=16)
    assert case.steps == ["b"]
    assert case.receive("correction", complete=True) is None


def test_of_two_steps_that_wait_for_one_message_one_gets_it() -> None:
    """Trap: the library gives it to all of them."""
    case = desk(draw("p", "start -> f\nf -> w1 -> end\nf -> w2 -> end", f=PARALLEL, w1=receive("m"), w2=receive("m")))
    first = case.receive("m")
    assert len(case.steps) == 1
    second = case.receive("m")
    assert case.last is not None and case.last.completed
    assert first != second


def test_a_message_may_be_caught_by_an_event_instead_of_a_task() -> None:
    case = desk(draw("p", "start -> w -> a -> end", w=catch(on_message("payment"))))
    assert case.steps == ["w"]
    case.receive("payment")
    assert case.steps == ["a"]


def test_a_case_may_begin_with_a_message() -> None:
    case = desk(draw("p", "start -> a -> end", start=Node("startEvent", inside=on_message("report"))))
    assert case.steps == ["start"]
    assert case.receive("report", source="hotline") is not None
    assert case.steps == ["a"]
    assert case.complete("a").completed
    assert case.load().variables == {"source": "hotline"}
