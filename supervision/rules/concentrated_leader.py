"""权力集中: the leader's act follows the clerk's within seconds and from the same address.

A step that has a minimum duration is followed from when that is over: who may not be quicker waits for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of

LEADERS = frozenset({"section", "vice", "head", "legal"})


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    followed: dict[tuple[int, int], list[tuple[Act, Act]]] = defaultdict(list)
    last: dict[int, Act] = {}
    earliest = {(stage.act.case.id, stage.act.seq): stage.earliest_at for stage in facts.stages}
    for act in facts.acts:
        before = last.get(act.case.id)
        if act.kind in ("task_completed", "case_started"):
            last[act.case.id] = act
        figures = choose(act.case.place)
        if before is None or figures is None or act.kind != "task_completed" or act.post not in LEADERS:
            continue
        open_since = max(before.at, earliest.get((act.case.id, act.seq)) or before.at)
        soon = act.at - open_since <= timedelta(seconds=figures["seconds"])
        if soon and act.person_id != before.person_id and _one_address(facts, before, act):
            followed[before.person_id, act.person_id].append((before, act))
    for pairs in followed.values():
        figures = choose(pairs[-1][1].case.place)
        if figures is not None and len(pairs) >= figures["times"]:
            yield _finding(facts, pairs)


def _one_address(facts: Facts, one: Act, other: Act) -> bool:
    """By what the acts themselves tell; by the sessions that were open then, where they tell nothing."""
    if one.address and other.address:
        return one.address == other.address
    return bool(_addresses(facts, one) & _addresses(facts, other))


def _addresses(facts: Facts, act: Act) -> set[str]:
    return {
        seat.address
        for seat in facts.seats
        if seat.person_id == act.person_id and seat.opened_at <= act.at <= seat.ends_at
    }


def _finding(facts: Facts, pairs: list[tuple[Act, Act]]) -> Finding:
    clerk, leader = pairs[-1]
    day = facts.calendar.local_date(leader.at)
    return Finding(
        RULE,
        "red",
        f"leader/{clerk.person_id}/{leader.person_id}/{day:%Y%m%d}",
        f"person/{leader.person_id}/{day:%Y%m%d}",
        leader.case.place,
        f"{leader.person}的办理紧随{clerk.person}之后 {len(pairs)} 次，且出自同一地址",
        f"{leader.person} followed {clerk.person} within seconds {len(pairs)} times, from the same address",
        tuple(row_of(act) for pair in pairs for act in pair),
        person_id=leader.person_id,
    )


RULE = Rule(
    "concentrated.leader",
    2,
    "负责人的办理总在经办人之后（有最短时限的，在其届满之后）数秒，且出自同一地址。",
    "A leader's acts follow the clerk's, or the end of the step's minimum, within seconds and from the same address.",
    "S26",
    find,
    {
        "seconds": Figure(60, 5, 3600, "间隔（秒）", "within seconds"),
        "times": Figure(3, 1, 100, "次数", "times"),
    },
)
