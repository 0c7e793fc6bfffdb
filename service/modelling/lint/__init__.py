"""The linter: finds before deployment whatever would fail, hang or break a rule in a running case.

It knows BPMN, the contract of docs/architecture.md and the engine's traps, and imports no engine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from service.modelling.diagram import Diagram
from service.modelling.lint import (  # noqa: F401  (each enters its rules into the table, in this order)
    boundary_rules,
    element_rules,
    event_rules,
    expression_rules,
    flow_rules,
    gateway_rules,
    id_rules,
    loop_rules,
    property_rules,
    send_back_rules,
    step_rules,
    timer_rules,
)
from service.modelling.lint.registry import RULES, LintRule
from service.modelling.lint.scene import Scene
from service.modelling.lint.vocabulary import Vocabulary, vocabulary_of
from service.modelling.problem import Problem, sort_problems
from service.modelling.xml_reading import read_diagram

__all__ = ["RULES", "LintRule", "Problem", "Vocabulary", "lint", "sort_problems", "vocabulary_of"]

COUNTY = Vocabulary()


def lint(
    xml: bytes,
    *,
    called: Mapping[str, Diagram | bytes] | None = None,
    forms: Mapping[str, Mapping[str, Any]] | None = None,
    materials: Collection[str] | None = None,
    vocabulary: Vocabulary = COUNTY,
) -> list[Problem]:
    """Every problem of a diagram, errors first; never raises, whatever the bytes.

    `called`: the shared processes it may call, by process id. `forms`: the bundle's form-js schemas by form key, those
    of shared processes included; without them nothing is said about forms. `materials`: keys of the item's list.
    """
    diagram = read_diagram(xml)
    if diagram.problems:
        return list(diagram.problems)
    shared = {
        key: value if isinstance(value, Diagram) else read_diagram(value) for key, value in (called or {}).items()
    }
    scene = Scene(diagram, shared, forms, materials, vocabulary)
    return sort_problems(problem for rule in RULES.values() for problem in rule.problems(scene))
