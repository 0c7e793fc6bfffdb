"""权力集中: at one terminal, time and again, different accounts do what separation keeps apart on one case.

The act itself holds what comes within minutes (`concentrated.one_terminal`); this finds who waits that long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from service.people.separation import EXCLUSIVE_GROUPS
from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    seated: dict[tuple[int, str], list[Act]] = defaultdict(list)
    for act in facts.acts:
        if act.terminal and act.group and act.kind == "task_completed":
            seated[act.case.id, act.terminal].append(act)
    shared: dict[str, list[tuple[Act, Act]]] = defaultdict(list)
    for (_, terminal), acts in seated.items():
        figures = choose(acts[-1].case.place)
        if figures is not None and (pair := _pair(acts, timedelta(minutes=figures["minutes"]))):
            shared[terminal].append(pair)
    for pairs in shared.values():
        figures = choose(pairs[-1][1].case.place)
        if figures is not None and len(pairs) >= figures["cases"]:
            yield _finding(facts, pairs)


def _pair(acts: list[Act], window: timedelta) -> tuple[Act, Act] | None:
    for later_index, later in enumerate(acts):
        for earlier in acts[:later_index]:
            excluded = frozenset({str(earlier.group), str(later.group)}) in EXCLUSIVE_GROUPS
            if excluded and earlier.person_id != later.person_id and later.at - earlier.at <= window:
                return earlier, later
    return None


def _finding(facts: Facts, pairs: list[tuple[Act, Act]]) -> Finding:
    last = pairs[-1][1]
    day = facts.calendar.local_date(last.at)
    return Finding(
        RULE,
        "red",
        f"shared/{last.terminal}/{day:%Y%m%d}"[:80],
        f"person/{last.person_id}/{day:%Y%m%d}",
        last.case.place,
        f"同一终端上不同账号先后办理互斥环节，共 {len(pairs)} 件",
        f"Different accounts at one terminal did steps that exclude each other, in {len(pairs)} cases",
        tuple(row_of(act) for pair in pairs for act in pair),
        person_id=last.person_id,
    )


RULE = Rule(
    "concentrated.terminal",
    1,
    "同一终端上不同账号多次先后办理同一办件的互斥环节。",
    "Different accounts at one terminal do steps of one case that exclude each other, again and again.",
    "S26",
    find,
    {
        "cases": Figure(3, 1, 50, "办件数", "cases"),
        "minutes": Figure(60, 5, 600, "相隔不超过（分钟）", "minutes apart at most"),
    },
)
