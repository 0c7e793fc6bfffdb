"""The county's own diagrams on the product's engine: whatever is answered, a case comes to an end that has a name."""

from __future__ import annotations

import ast
import random
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from service.engine import CaseRun, Element, OpenStep, build_model
from service.expressions import compile_expression
from tests.engine.county import MONDAY, Office

PROCESSES = Path(__file__).parents[2] / "processes"
SHARED = {path.stem: path.read_bytes() for path in sorted((PROCESSES / "shared").glob("*.bpmn"))}
DIAGRAMS = [*sorted((PROCESSES / "power_items").glob("*.bpmn")), *sorted((PROCESSES / "supervision").glob("*.bpmn"))]
# What forms require and limits count from.
DAYS = (
    "decided_on",
    "checked_on",
    "dig_until",
    "urgent_paid_on",
    "dispatched_on",
    "inspected_on",
    "planned_due",
    "new_due",
    "served_on",
    "remedies_until",
    "notice_served_on",
    "collected_on",
    "handed_over_on",
)
CONDITION = "{http://www.omg.org/spec/BPMN/20100524/MODEL}conditionExpression"


class Registry(Office):
    """The office with the one operation that the county's timers count from."""

    def operate(self, operation: str, element: Element, variables: dict[str, Any]) -> bool:
        if operation in ("issue_acceptance", "deem_acceptance", "file_case"):
            variables.setdefault("accepted_on", self.now.date().isoformat())
        return super().operate(operation, element, variables)


@cache
def answers_to(path: Path) -> dict[str, list[Any]]:
    """What the conditions of a bundle compare each name with, and something else; True and False for bare names."""
    found: dict[str, set[Any]] = {}
    for xml in (path.read_bytes(), *SHARED.values()):
        for condition in etree.fromstring(xml).iter(CONDITION):
            tree = compile_expression((condition.text or "").strip()).tree
            for node in ast.walk(tree):
                if isinstance(node, ast.Name):
                    found.setdefault(node.id, {True, False})
                if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name):
                    constants = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
                    found.setdefault(node.left.id, set()).update([*constants, "其他"])
    return {name: sorted(values, key=repr) for name, values in sorted(found.items())}


def walked(path: Path, seed: int) -> str | None:
    """The outcome of a case whose people answer by dice, at random instants."""
    model, dice, now = build_model(path.stem, {path.stem: path.read_bytes(), **SHARED}), random.Random(seed), MONDAY
    run = CaseRun.start(model, Registry(now), now, {"received_on": "2026-11-23", "remind_hours": 3})
    for _ in range(150):
        outcome, state = run.outcome(), run.dump()
        if outcome.completed:
            return outcome.ended_with
        now += timedelta(minutes=dice.choice((1, 35, 60 * 24, 60 * 24 * 12)))
        run = CaseRun.load(model, Registry(now, facts={"fee_settled": dice.random() < 0.7}), now, state)
        assert run.dump() == state
        run.tick()
        steps = [*run.ready_steps(), *(step for step in run.waiting_steps() if step.element.message)]
        steps = [step for step in steps if not run.halted or step.element.properties.get("halts")]
        if steps:
            answers = {name: dice.choice(values) for name, values in answers_to(path).items()}
            act(run, dice.choice(steps), now, answers | dict.fromkeys(DAYS, now.date().isoformat()))
    return None


def act(run: CaseRun, step: OpenStep, now: datetime, answers: dict[str, Any]) -> None:
    if step.element.message:
        assert run.receive(step.element.message, {}) is not None
    elif step.earliest_at is None or now >= step.earliest_at or not run.halt(step.id, answers):
        run.complete(step.id, answers)


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_a_case_comes_to_a_named_end_whatever_is_answered(path: Path) -> None:
    outcomes = [walked(path, seed) for seed in range(12)]
    assert None not in outcomes
    elements = build_model(path.stem, {path.stem: path.read_bytes(), **SHARED}).elements.values()
    assert set(outcomes) <= {element.properties.get("outcome") for element in elements}


def test_every_diagram_of_the_county_is_walked() -> None:
    assert len(DIAGRAMS) >= 7
