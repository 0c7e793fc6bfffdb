"""权力集中: the leader's act follows the clerk's within seconds and from the same address.

A step that has a minimum duration is followed from when that is over: who may not be quicker waits for it. Within a
minute nobody reads a file; within three minutes one may, once, but not time after time on one day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of

# The clerk's act, the leader's, and how long that took.
_Pair = tuple[Act, Act, timedelta]
LEADERS = frozenset({"section", "vice", "head", "legal"})


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    followed: dict[tuple[int, int], list[_Pair]] = defaultdict(list)
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
        if act.at - open_since > timedelta(seconds=max(figures["seconds"], figures["near_seconds"])):
            continue
        if act.person_id != before.person_id and _one_address(facts, before, act):
            followed[before.person_id, act.person_id].append((before, act, act.at - open_since))
    for pairs in followed.values():
        if told := _told(pairs, choose(pairs[-1][1].case.place)):
            yield _finding(facts, told)


def _told(pairs: list[_Pair], figures: Mapping[str, int] | None) -> list[_Pair]:
    """Those within seconds, if they are so many; else those within minutes of one day, if they are more."""
    if figures is None:
        return []
    at_once = [pair for pair in pairs if pair[2] <= timedelta(seconds=figures["seconds"])]
    if len(at_once) >= figures["times"]:
        return at_once
    days: dict[date, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        if pair[2] <= timedelta(seconds=figures["near_seconds"]):
            days[pair[1].at.date()].append(pair)
    most = max(days.values(), key=len, default=[])
    return most if len(most) >= figures["near_times"] else []


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


def _finding(facts: Facts, pairs: list[_Pair]) -> Finding:
    clerk, leader, _ = pairs[-1]
    day = facts.calendar.local_date(leader.at)
    return Finding(
        RULE,
        "red",
        f"leader/{clerk.person_id}/{leader.person_id}/{day:%Y%m%d}",
        f"person/{leader.person_id}/{day:%Y%m%d}",
        leader.case.place,
        f"{leader.person}的办理紧随{clerk.person}之后 {len(pairs)} 次，且出自同一地址",
        f"{leader.person} followed {clerk.person} within minutes {len(pairs)} times, from the same address",
        tuple(row_of(act) for pair in pairs for act in pair[:2]),
        person_id=leader.person_id,
    )


RULE = Rule(
    "concentrated.leader",
    3,
    "负责人的办理总在经办人之后（有最短时限的，在其届满之后）数秒，或者一日内多次仅隔数分钟，且出自同一地址。",
    "A leader's acts follow the clerk's, or the end of the step's minimum, from the same address: within seconds, or"
    " within minutes time after time on one day.",
    "S26",
    find,
    {
        "seconds": Figure(60, 5, 3600, "间隔（秒）", "within seconds"),
        "times": Figure(3, 1, 100, "次数", "times"),
        "near_seconds": Figure(180, 5, 3600, "一日内多次的间隔（秒）", "within seconds, if it is so all day"),
        "near_times": Figure(4, 2, 100, "一日内次数", "times on one day"),
    },
)
