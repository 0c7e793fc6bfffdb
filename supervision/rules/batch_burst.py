"""批量录入: one person does many cases of one item within minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of

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
            yield from (_finding(facts, burst) for burst in _bursts(acts, figures["cases"], figures["minutes"]))


def _bursts(acts: list[Act], cases: int, minutes: int) -> Iterator[list[Act]]:
    """Runs in which as many cases lie within the window; what goes on without a pause is one burst."""
    window, reached = timedelta(minutes=minutes), False
    run: list[Act] = []
    for act in acts:
        if run and act.at - run[-1].at > window:
            if reached:
                yield run
            run, reached = [], False
        run.append(act)
        reached = reached or len({one.case.id for one in run if act.at - one.at <= window}) >= cases
    if reached:
        yield run


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
    2,
    "一人在短时间内连续办理同一事项、同一环节的多个办件（停机收件的补录不计）。",
    "One person does the same step of many cases of one item within a short time, entries after an outage apart.",
    "S14",
    find,
    {
        "cases": Figure(5, 3, 100, "件数", "cases"),
        "minutes": Figure(10, 1, 240, "时段（分钟）", "window in minutes"),
    },
)
