"""批量录入: one person does many cases of one item within minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import takewhile

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, chains, row_of

_KINDS = frozenset({"case_started", "task_completed"})


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_hand: dict[tuple[int, str, str | None], list[Act]] = defaultdict(list)
    for act in facts.acts:
        # What came in during an outage is entered together when it is over.
        if act.kind in _KINDS and act.case.place.item is not None and not act.from_paper:
            by_hand[act.person_id, act.case.place.item, act.element_id].append(act)
    for acts in by_hand.values():
        figures = choose(acts[-1].case.place)
        if figures is not None:
            yield from (_finding(facts, burst) for burst in _bursts(facts, acts, figures["cases"], figures["minutes"]))


def _bursts(facts: Facts, acts: list[Act], cases: int, minutes: int) -> Iterator[list[Act]]:
    """Runs in which as many cases lie within the window; what goes on without a pause is one burst."""
    window = timedelta(minutes=minutes)
    for run in chains(facts, acts, window):
        if any(len({one.case.id for one in _within(run[: end + 1], window)}) >= cases for end in range(len(run))):
            yield run


def _within(run: list[Act], window: timedelta) -> Iterator[Act]:
    """The last of them, as far back as the window."""
    return takewhile(lambda one: run[-1].at - one.at <= window, reversed(run))


def _finding(facts: Facts, burst: list[Act]) -> Finding:
    first, last = burst[0], burst[-1]
    count = len({act.case.id for act in burst})
    minutes = max(int((last.at - first.at).total_seconds() + 59) // 60, 1)
    return Finding(
        RULE,
        "red",
        f"burst/{first.person_id}/{first.case.id}/{first.seq}",
        f"person/{first.person_id}/{facts.calendar.local_date(first.at):%Y%m%d}",
        last.case.place,
        f"{first.person}在 {minutes} 分钟内连续办理同一事项 {count} 件",
        f"{first.person} did {count} cases of one item within {minutes} min",
        tuple(row_of(act) for act in burst),
        person_id=first.person_id,
    )


RULE = Rule(
    "batch.burst",
    3,
    "一人在短时间内连续办理同一事项、同一环节的多个办件（停机收件的补录不计）。",
    "One person does the same step of many cases of one item within a short time, entries after an outage apart.",
    "S14",
    find,
    {
        "cases": Figure(5, 3, 100, "件数", "cases"),
        "minutes": Figure(10, 1, 240, "时段（分钟）", "window in minutes"),
    },
)
