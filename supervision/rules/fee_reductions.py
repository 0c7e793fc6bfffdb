"""收费异常: fees are cut far more often in one department than elsewhere (擅自减免)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supervision.facts import Facts, Place, Reduction
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    cut: dict[str, list[Reduction]] = defaultdict(list)
    for one in facts.reductions:
        cut[one.case.place.department].append(one)
    for department, mine in cut.items():
        figures = choose(Place(department))
        others = sum(count for code, count in facts.fee_cases.items() if code != department)
        if figures is None or len(mine) < figures["least"] or not others:
            continue
        elsewhere = len(facts.reductions) - len(mine)
        own = facts.fee_cases.get(department, len(mine))
        # One more reduction elsewhere than there was, so that nothing is not the measure of all.
        if len(mine) * others > figures["times"] * (elsewhere + 1) * own:
            yield _finding(facts, mine, own)


def _finding(facts: Facts, cut: list[Reduction], of: int) -> Finding:
    last = cut[-1]
    month = facts.calendar.local_date(last.at)
    rows = tuple(
        {
            "at": one.at.isoformat(),
            "case": one.case.number,
            "person": one.person,
            "amount_fen": one.amount_fen,
            "zh": "减免",
            "en": "Reduction",
        }
        for one in cut
    )
    return Finding(
        RULE,
        "yellow",
        f"reductions/{last.case.place.department}/{month:%Y%m}",
        f"reductions/{last.case.place.department}/{month:%Y%m}",
        Place(last.case.place.department),
        f"{of} 件收费办件中减免 {len(cut)} 件，远多于其他部门",
        f"{len(cut)} of {of} cases with a fee were reduced, far more than elsewhere",
        rows,
    )


RULE = Rule(
    "fee.reductions",
    1,
    "减免比例数倍于其他部门。",
    "Fees are reduced at many times the rate of other departments.",
    "S9",
    find,
    {
        "least": Figure(5, 1, 500, "减免件数至少", "least reductions"),
        "times": Figure(3, 2, 50, "其他部门比例的倍数", "times the rate elsewhere"),
    },
)
