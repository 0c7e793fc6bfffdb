"""材料异常: corrections were asked for again, although one notice must name all that is missing (许可法 32)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    asked: dict[int, list[Act]] = defaultdict(list)
    for act in facts.acts:
        if act.kind == "correction_asked":
            asked[act.case.id].append(act)
    for acts in asked.values():
        figures = choose(acts[-1].case.place)
        if figures is not None and len(acts) > figures["allowed"]:
            yield _finding(acts)


def _finding(acts: list[Act]) -> Finding:
    last = acts[-1]
    return Finding(
        RULE,
        "yellow",
        f"case/{last.case.id}/asked_twice",
        of_case(last.case),
        last.case.place,
        f"先后 {len(acts)} 次要求补正，未一次性告知",
        f"Corrections were asked for {len(acts)} times",
        tuple(row_of(act) for act in acts),
        case_id=last.case.id,
        element_id=last.element_id,
        person_id=last.person_id,
    )


RULE = Rule(
    "material.asked_twice",
    1,
    "同一办件多次要求补正，未一次性告知。",
    "Corrections of one case are asked for more than once.",
    "S13, 行政许可法 32",
    find,
    {"allowed": Figure(1, 1, 10, "允许次数", "times allowed")},
)
