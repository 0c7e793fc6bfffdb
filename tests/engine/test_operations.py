"""Service tasks: operations inside the act, and calls to the outside that come back later."""

from __future__ import annotations

from tests.engine.county import desk
from tests.engine.drawing import draw, service

SENDING = draw("p", "start -> accept -> send -> archive -> end", send=service("send"))


def test_an_operation_runs_by_itself_within_the_act() -> None:
    """Trap: the class behind a plain BPMN task waits for a person, so a service task built on it never ran at all."""
    case = desk(SENDING)
    outcome = case.complete("accept")
    assert case.steps == ["archive"]
    assert [(happening.kind, happening.element.id) for happening in outcome.happenings] == [("operation", "send")]
