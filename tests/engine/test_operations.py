"""Service tasks: operations inside the act, and calls to the outside that come back later."""

from __future__ import annotations

from typing import Any

import pytest

from service.engine import CaseRun, Element, EngineFailure
from service.errors import Refused
from tests.engine.county import MONDAY, Office, desk
from tests.engine.drawing import XOR, after, boundary, draw, service

SENDING = draw("p", "start -> accept -> send -> archive -> end", send=service("send"))
SLOW = frozenset({"send"})


def test_an_operation_runs_by_itself_within_the_act() -> None:
    """Trap: the class behind a plain BPMN task waits for a person, so a service task built on it never ran at all."""
    case = desk(SENDING)
    outcome = case.complete("accept")
    assert case.steps == ["archive"]
    assert [(happening.kind, happening.element.id) for happening in outcome.happenings] == [("operation", "send")]


def test_what_an_operation_sets_decides_the_way() -> None:
    class Deeming(Office):
        def operate(self, operation: str, element: Element, variables: dict[str, Any]) -> bool:
            variables["deemed"] = operation == "deem_acceptance"
            return True

    xml = draw("p", "start -> op -> g\ng -> a if deemed\ng -> end\na -> end", op=service("deem_acceptance"), g=XOR)
    run = CaseRun.start(desk(xml).model, Deeming(MONDAY), MONDAY, {})
    assert [step.element.id for step in run.outcome().entered] == ["a"]


def test_an_operation_outside_stays_started_over_reloads_until_it_comes_back() -> None:
    """Trap: the library's own call of a service blocks, and turns every failure into a missing name."""
    case = desk(SENDING, slow=SLOW)
    case.complete("accept")
    task = case.task("send")
    for _ in range(3):
        case.state = case.load().dump()
        case.wait(days=1)
    assert case.steps == ["send"]
    assert case.passed == ["operation send"]
    run = case.load()
    assert not run.is_ready(task)
    run.finish(task, {"receipt": "r-1"})
    outcome = run.outcome()
    assert outcome.left == (task,)
    assert [step.element.id for step in outcome.entered] == ["archive"]
    assert run.variables == {"receipt": "r-1"}


def test_only_an_operation_that_is_outside_comes_back() -> None:
    case = desk(SENDING, slow=SLOW)
    with pytest.raises(EngineFailure, match="running outside"):
        case.load().finish(case.task("accept"), {})
    case.complete("accept")
    with pytest.raises(EngineFailure, match="ready"):
        case.load().complete(case.task("send"), {})


def test_an_operation_outside_that_takes_too_long_may_be_left() -> None:
    late = boundary("send", after("'P1D'"), interrupting=True)
    case = desk(draw("p", "start -> send -> a -> end\nlate -> b -> end", send=service("send"), late=late), slow=SLOW)
    task = case.task("send")
    case.wait(days=2)
    assert case.steps == ["b"]
    with pytest.raises(EngineFailure, match="running outside"):
        case.load().finish(task, {})


class Refusing(Office):
    def operate(self, operation: str, element: Element, variables: dict[str, Any]) -> bool:
        raise Refused("fee_unpaid", "费用未缴清", "Expected the fee to be paid, but it is not")


def test_a_refusal_of_an_operation_comes_through_and_leaves_nothing_to_keep() -> None:
    case = desk(SENDING)
    run = CaseRun.load(case.model, Refusing(MONDAY), MONDAY, case.state)
    with pytest.raises(Refused) as refused:
        run.complete(case.task("accept"), {})
    assert refused.value.code == "fee_unpaid"
    with pytest.raises(EngineFailure, match="nothing of it may be kept"):
        run.dump()
    assert case.load().is_ready(case.task("accept"))


def test_a_circle_without_a_person_is_an_engine_failure_and_soon() -> None:
    """Trap: the library runs such a circle until its tree is a thousand deep, and then stops without a word."""
    lines = "start -> a -> m -> g\ng -> end if stop\ng -> m\n"
    case = desk(draw("p", lines, m=XOR, g=XOR))
    with pytest.raises(EngineFailure, match="circles"):
        case.complete("a")
    circle = draw("p", "start -> a -> m -> op -> g\ng -> end if stop\ng -> m", m=XOR, g=XOR, op=service("again"))
    case = desk(circle)
    with pytest.raises(EngineFailure, match="circles"):
        case.complete("a")


@pytest.mark.parametrize("fact", ["fee_settled", "fee_exempt", "objection_received", "paid"])
def test_no_answer_stands_in_for_a_fact(fact: str) -> None:
    """Trap: variables come before facts, so that an applicant's form could say that the fee is settled."""
    xml = draw("p", f"start -> a -> g\ng -> b if {fact}\ng -> c\nb -> end\nc -> end", g=XOR)
    case = desk(xml)
    case.complete("a", **{fact: True})
    assert case.steps == ["c"]
    case = desk(xml, facts={fact: True})
    case.complete("a", **{fact: False})
    assert case.steps == ["b"]
