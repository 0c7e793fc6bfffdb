"""材料异常: somebody runs against the same control node again and again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_node: dict[tuple[int, str | None], list[Act]] = defaultdict(list)
    for act in facts.acts:
        if act.kind == "act_refused" and act.code == "control_node_missing":
            by_node[act.case.id, act.element_id].append(act)
    for acts in by_node.values():
        figures = choose(acts[-1].case.place)
        if figures is not None and len(acts) >= figures["times"]:
            yield _finding(acts)


def _finding(acts: list[Act]) -> Finding:
    last = acts[-1]
    return Finding(
        RULE,
        "yellow",
        f"refused/{last.case.id}/{last.element_id}"[:80],
        of_case(last.case),
        last.case.place,
        f"在“{last.step_zh}”的控制节点被拒绝 {len(acts)} 次",
        f"Refused {len(acts)} times at the control node of “{last.step_en}”",
        tuple(row_of(act) for act in acts),
        case_id=last.case.id,
        element_id=last.element_id,
        person_id=last.person_id,
    )


RULE = Rule(
    "material.refused",
    1,
    "在同一控制节点多次被拒绝。",
    "Acts are refused again and again at one control node.",
    "S12",
    find,
    {"times": Figure(3, 2, 50, "次数", "times")},
)
