"""The table of rules: a rule is a pure function from a scene to findings, entered with its code, words and reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from service.modelling.diagram import Element, Oddity
from service.modelling.lint.scene import Scene
from service.modelling.lint.wording import describe, describe_oddity
from service.modelling.problem import Problem, Rule, Severity, Words

MAX_FINDINGS: Final = 50
"""Of one rule in one diagram: nobody reads more, and hostile files shall not multiply their own text."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a rule is broken; `values` fill the rule's words, `at` is described by the registry."""

    element_id: str | None
    line: int | None
    values: Mapping[str, Words | str]
    path: tuple[str, ...] = ()


Check = Callable[[Scene], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class LintRule:
    rule: Rule
    check: Check

    def problems(self, scene: Scene) -> Iterator[Problem]:
        for found in islice(self.check(scene), MAX_FINDINGS):
            yield self.rule.problem(found.values, element_id=found.element_id, line=found.line, path=found.path)


RULES: dict[str, LintRule] = {}


def rule(code: str, severity: Severity, *, zh: str, en: str, why: str) -> Callable[[Check], Check]:
    """Enters a check under its code; `zh` and `en` are templates over the finding's values."""

    def enter(check: Check) -> Check:
        if code in RULES:
            raise ValueError(f"Expected one rule per code, but {code} is entered twice")
        RULES[code] = LintRule(Rule(code, severity, zh, en, why), check)
        return check

    return enter


def at(element: Element, *, line: int | None = None, path: Iterable[str] = (), **values: Words | str) -> Finding:
    """A finding at an element of the model."""
    return Finding(element.id, line or element.line or None, {"at": describe(element), **values}, tuple(path))


def at_oddity(oddity: Oddity, **values: Words | str) -> Finding:
    found = {"at": describe_oddity(oddity), "found": oddity.found, **values}
    return Finding(oddity.element_id, oddity.line or None, found)


def oddities(scene: Scene, kind: str) -> Iterator[Finding]:
    """Findings for every oddity of a kind."""
    return (at_oddity(oddity) for oddity in scene.diagram.oddities if oddity.kind == kind)
