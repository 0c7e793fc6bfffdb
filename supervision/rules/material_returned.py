"""材料异常: a case is sent back to the applicant for papers after it was accepted."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Finding, Rule, of_case, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for act in facts.acts:
        if act.kind == "returned_for_materials" and choose(act.case.place) is not None:
            yield _finding(act)


def _finding(act: Act) -> Finding:
    return Finding(
        RULE,
        "yellow",
        f"returned/{act.case.id}/{act.seq}",
        of_case(act.case),
        act.case.place,
        f"受理之后又要求补正材料（{act.person}）",
        f"Papers were asked for after acceptance ({act.person})",
        (row_of(act),),
        case_id=act.case.id,
        element_id=act.element_id,
        person_id=act.person_id,
    )


RULE = Rule(
    "material.returned",
    1,
    "受理之后又要求申请人补正材料。",
    "The applicant is asked for papers after acceptance.",
    "S12, S13",
    find,
)
