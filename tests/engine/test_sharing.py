"""One model for all cases of a version: threads share it, runs do not change it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.engine import EngineFailure, ProcessModel, build_model
from tests.engine.county import Desk
from tests.engine.drawing import (
    EVENTS,
    PARALLEL,
    XOR,
    after,
    at,
    boundary,
    call,
    catch,
    draw,
    on_error,
    on_message,
    receive,
    scope,
    service,
    user,
)

SHARED = draw("q", "start -> w -> end", w=receive("correction"))
MAIN = draw(
    "p",
    """
    start -> accept -> f
    f -> s -> j
    f -> called -> j
    f -> signs -> j
    j -> e
    e -> paid -> g
    e -> too_late -> end_late
    g -> print if n > 50
    g -> end_small
    print -> end
    limit -> end_limit
    """,
    f=PARALLEL,
    j=PARALLEL,
    g=XOR,
    e=EVENTS,
    s=scope(
        """
        start_s -> op -> survey -> end_s
        early -> ruling -> g2
        g2 -> survey
        g2 -> end_r if halt_ruling == 'release'
        """,
        op=service("send"),
        early=boundary("survey", on_error("TOO_EARLY"), interrupting=True),
        minimum=boundary("survey", after("'PT30M'"), role="minimum"),
        ruling=user(halts="case"),
        g2=XOR,
    ),
    called=call("q"),
    signs=user(
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2 if n > 50 else 1</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    ),
    paid=catch(on_message("payment")),
    too_late=catch(after("'P5D'")),
    limit=boundary("s", at("working_days(n)"), role="statutory_limit"),
)


def model() -> ProcessModel:
    return build_model("p", {"p": MAIN, "q": SHARED})


def snapshot(shared: ProcessModel) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What a run could change in the specs of a model."""
    return {
        (spec.name, name): (
            type(task_spec).__name__,
            tuple(task_spec._inputs),
            tuple(task_spec._outputs),
            type(getattr(task_spec, "event_definition", None)).__name__,
            task_spec.timer_element,
            task_spec.completed_event.hard_subscribers and len(task_spec.completed_event.hard_subscribers),
        )
        for spec in [shared.spec, *shared.subspecs.values()]
        for name, task_spec in spec.task_specs.items()
    }


def whole_case(shared: ProcessModel, number: int) -> list[str]:
    """One case from start to end; what it does hangs on its number alone."""
    case = Desk(shared).start(n=number)
    case.complete("accept")
    if number % 3 == 0:
        case.halt("survey")
        case.complete("ruling", halt_ruling="release" if number % 2 else "redo")
    if "survey" in case.steps:
        case.wait(minutes=31)
        case.complete("survey")
    case.receive("correction")
    while "signs" in case.steps:
        case.complete("signs")
    if number % 7 == 0:
        case.wait(days=6)
    else:
        case.receive("payment")
    if "print" in case.steps:
        case.complete("print")
    assert case.last is not None and case.last.completed
    return case.passed


def test_two_threads_run_two_hundred_cases_each_on_one_model() -> None:
    """Trap: whatever a run leaves in the shared specs, the cases of other threads find there."""
    shared = model()
    before = snapshot(shared)
    alone = {number: whole_case(model(), number) for number in range(1, 101)}
    meet = threading.Barrier(2)

    def run(numbers: range) -> list[tuple[int, list[str]]]:
        meet.wait()
        return [(number, whole_case(shared, number)) for number in numbers for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(run, numbers) for numbers in (range(1, 101), range(100, 0, -1))]
        told = [pair for result in results for pair in result.result()]
    assert len(told) == 400
    assert all(passed == alone[number] for number, passed in told)
    assert snapshot(shared) == before


def test_a_failed_case_leaves_the_model_as_it_was() -> None:
    shared = model()
    before = snapshot(shared)
    for variables in ({}, {"n": "many"}):
        case = Desk(shared).start(**variables)
        with pytest.raises(EngineFailure):
            case.complete("accept")
    assert snapshot(shared) == before
    assert whole_case(shared, 60) == whole_case(model(), 60)
