"""The linter beside what the county ships: its diagrams and forms, its catalogue, the service that runs them."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.catalogue.office import materials_of
from service.commands.operations import OPERATIONS
from service.engine.model import FACTS, TIMER_FUNCTIONS
from service.modelling.diagram import Diagram
from service.modelling.lint import Vocabulary, lint, vocabulary_of
from service.modelling.xml_reading import read_diagram

ROOT = Path(__file__).parents[2]
SHARED = {path.stem: read_diagram(path.read_bytes()) for path in (ROOT / "processes" / "shared").glob("*.bpmn")}
DIAGRAMS = sorted((ROOT / "processes").glob("*/*.bpmn"))
OVERSIZED = ROOT / "processes" / "power_items" / "hazardous_chemicals_licence.bpmn"


@cache
def catalogue() -> dict[str, Any]:
    text = (ROOT / "processes" / "catalogue" / "items.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def forms_of(diagram: Path) -> dict[str, Any] | None:
    """The bundle's forms; a shared process has none of its own."""
    folder = ROOT / "forms" / diagram.stem
    if not folder.is_dir():
        return None
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: str(path.stem))
def test_a_shipped_diagram_has_no_errors(path: Path) -> None:
    materials = {material["key"] for item in catalogue()["items"] for material in item["materials"]}
    materials |= set(materials_of(None, path.stem))  # a case of the office follows no item
    found = lint(path.read_bytes(), called=SHARED, forms=forms_of(path), materials=materials)
    assert [f"{problem.code}: {problem.message_en}" for problem in found if problem.severity == "error"] == []


def test_there_are_diagrams_to_look_at() -> None:
    assert {"hazardous_chemicals_licence", "supervision_order", "payment"} <= {path.stem for path in DIAGRAMS}


def test_the_words_of_the_linter_are_those_of_the_catalogue() -> None:
    from_catalogue, county = vocabulary_of(catalogue()["meta"]), Vocabulary()
    assert set(from_catalogue.posts) == set(county.posts)
    assert set(from_catalogue.groups) == set(county.groups)
    assert set(from_catalogue.exclusive) == set(county.exclusive)


def test_the_words_of_the_linter_are_those_of_the_service() -> None:
    assert set(Vocabulary().operations) == set(OPERATIONS)
    assert Vocabulary().functions == TIMER_FUNCTIONS
    assert set(Vocabulary().facts) >= FACTS


def test_a_diagram_of_forty_nodes_is_linted_at_each_stroke_without_being_gone_through_over_and_over() -> None:
    """Calls and not seconds: about 15 milliseconds on two cores of 2026, and the same number on any machine."""
    xml = OVERSIZED.read_bytes()
    assert len(read_diagram(xml).nodes) >= 40
    lint(xml, called=SHARED)
    assert _calls(xml, SHARED) < 55_000


def _calls(xml: bytes, shared: dict[str, Diagram]) -> int:
    """How many functions, of Python and of C, one linting calls."""
    made = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        lint(xml, called=shared)
    finally:
        sys.setprofile(before)
    return made
