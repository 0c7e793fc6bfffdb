"""材料异常: one person's accepted cases of an item end in refusals far more often than the item's others do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supervision.facts import Ending, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    decided: dict[str, list[Ending]] = defaultdict(list)
    for ending in facts.month_endings:
        if ending.accepted and ending.case.place.item is not None and ending.decided_by is not None:
            decided[ending.case.place.item].append(ending)
    for endings in decided.values():
        figures = choose(endings[-1].case.place)
        if figures is None:
            continue
        for person in sorted({one.decided_by for one in endings if one.decided_by is not None}):
            mine = [one for one in endings if one.decided_by == person]
            refused = [one for one in mine if one.outcome == "refused"]
            if len(refused) >= figures["refusals"] and len(refused) * 100 >= len(mine) * figures["percent"]:
                yield _finding(facts, refused, len(mine))


def _finding(facts: Facts, refused: list[Ending], of: int) -> Finding:
    last = refused[-1]
    month = facts.calendar.local_date(last.at)
    rows = tuple(
        {
            "at": one.at.isoformat(),
            "case": one.case.number,
            "seq": one.seq,
            "person": one.decider,
            "zh": "受理后不予许可",
            "en": "Refused after acceptance",
        }
        for one in refused
    )
    return Finding(
        RULE,
        "yellow",
        f"declined/{last.case.place.item}/{last.decided_by}/{month:%Y%m}",
        f"person/{last.decided_by}/{month:%Y%m%d}",
        last.case.place,
        f"{last.decider}近一月决定的 {of} 件中，受理后不予许可 {len(refused)} 件",
        f"{last.decider} refused {len(refused)} of {of} accepted cases within a month",
        rows,
        person_id=last.decided_by,
    )


RULE = Rule(
    "material.declined",
    1,
    "受理之后不予许可的比例过高。",
    "Too many cases are refused after they were accepted.",
    "S12, S13",
    find,
    {
        "refusals": Figure(3, 1, 100, "件数至少", "least refusals"),
        "percent": Figure(40, 5, 100, "占比至少（%）", "least share (%)"),
    },
)
