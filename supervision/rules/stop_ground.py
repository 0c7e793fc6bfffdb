"""停表异常: the office stops a clock on a ground that does not fit: no provision, or the law of other cases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.catalogue.suspension import law_of_another_kind
from supervision.facts import Facts, Stop
from supervision.rules.rule import Choose, Finding, Rule, of_case

# What a ground of law names: an article, or a text in book marks.
_PROVISION = re.compile(r"第[\s0-9零一二三四五六七八九十百〇]+[条款项]|《[^》]+》|\bArt(icle)?\.?\s*\d+", re.IGNORECASE)


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for stop in facts.stops:
        # What a step stops by itself, its diagram has a ground for.
        if stop.element_id or choose(stop.case.place) is None:
            continue
        fault = _fault(stop)
        if fault is not None:
            yield _finding(stop, *fault)


def _fault(stop: Stop) -> tuple[str, str] | None:
    law = law_of_another_kind(stop.basis, stop.case.place.category)
    if law is not None:
        return f"停表依据《{law}》与事项类别不符", "The ground of a clock stop is of the law of another kind of case"
    if _PROVISION.search(stop.basis) is None:
        return "停表依据未写明条款", "The ground of a clock stop names no provision"
    return None


def _finding(stop: Stop, zh: str, en: str) -> Finding:
    return Finding(
        RULE,
        "yellow",
        f"stop/{stop.id}/ground",
        of_case(stop.case),
        stop.case.place,
        zh,
        en,
        ({"at": stop.started_at.isoformat(), "case": stop.case.number, "zh": stop.basis, "en": stop.basis},),
        case_id=stop.case.id,
    )


RULE = Rule(
    "stop_abuse.ground",
    1,
    "中止的依据没有写明条款，或者引用的是另一类事项的法律。",
    "A suspension names no provision of law, or that of another kind of case.",
    "DOMAIN 3, 5",
    find,
)
