"""The linter beside the engine: whatever the linter passes the engine builds, and what the engine lets by is found."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from service.engine import ModelError, build_model
from service.modelling.lint import lint
from tests.unit.lint.drawing import BPMN, END, HEAD, START, flows, line, user

ROOT = Path(__file__).parents[2] / "processes"
KEY = "food_business_licence"
SHARED = {path.stem: path.read_bytes() for path in (ROOT / "shared").glob("*.bpmn")}
KINDS = [
    "userTask",
    "serviceTask",
    "subProcess",
    "exclusiveGateway",
    "endEvent",
    "startEvent",
    "timeDate",
    "association",
]
VALUES = ["", "zzz", "End", "a b", "true", "false", "decide", "handling", "section_review"]
Change = Callable[[etree._Element, random.Random], None]


def _strike_out(element: etree._Element, chance: random.Random) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _forget(element: etree._Element, chance: random.Random) -> None:
    if element.attrib:
        del element.attrib[chance.choice(sorted(map(str, element.attrib)))]


def _misname(element: etree._Element, chance: random.Random) -> None:
    if element.attrib:
        element.set(chance.choice(sorted(map(str, element.attrib))), chance.choice(VALUES))


def _turn_into(element: etree._Element, chance: random.Random) -> None:
    element.tag = f"{{{BPMN}}}{chance.choice(KINDS)}"


def _repeat(element: etree._Element, chance: random.Random) -> None:
    element.addnext(copy.deepcopy(element))


def _rewrite(element: etree._Element, chance: random.Random) -> None:
    element.text = chance.choice(["", "x ==", "P5D", "working_days(5)", "True"])


CHANGES: list[Change] = [_strike_out, _forget, _misname, _turn_into, _repeat, _rewrite]


def _changed(seed: int) -> bytes:
    chance = random.Random(seed)
    root = etree.fromstring((ROOT / "power_items" / f"{KEY}.bpmn").read_bytes())
    elements = [element for element in root.iter(f"{{{BPMN}}}*") if element is not root]
    chance.choice(CHANGES)(chance.choice(elements), chance)
    return etree.tostring(root)


def _builds(xml: bytes) -> bool:
    try:
        build_model(KEY, {KEY: xml, **SHARED})
    except ModelError:
        return False
    return True


@pytest.mark.parametrize("seed", range(60))
def test_what_the_linter_passes_the_engine_builds(seed: int) -> None:
    xml = _changed(seed)
    refused = [problem for problem in lint(xml, called=SHARED) if problem.severity == "error"]
    assert refused or _builds(xml)


def test_the_changes_are_hard_enough_to_break_diagrams_and_soft_enough_to_leave_some_whole() -> None:
    whole = [not any(p.severity == "error" for p in lint(_changed(seed), called=SHARED)) for seed in range(60)]
    assert 10 < sum(whole) < 50


def _silently(xml: bytes) -> set[str]:
    """What the engine builds without a word, though the linter refuses it."""
    build_model("p", {"p": xml})
    return {problem.code for problem in lint(xml) if problem.severity == "error"}


def test_a_user_task_called_end_is_passed_by_in_silence() -> None:
    """Trap: SpiffWorkflow takes the id for its own end node, and no one is ever asked."""
    assert _silently(line(user("End"))) == {"id_reserved"}


def test_a_flow_without_an_id_is_passed_by_in_silence() -> None:
    """Trap: flows are indexed by id, so the case ends at once behind the start event."""
    flow = '<sequenceFlow sourceRef="a" targetRef="end"/>'
    xml = f'{HEAD}<process id="p" name="p" isExecutable="true">{START}{user("a")}{END}{flows("start -> a")}{flow}'
    assert "id_missing" in _silently(f"{xml}</process></definitions>".encode())
