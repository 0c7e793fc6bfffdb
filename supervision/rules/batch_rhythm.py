"""批量录入: one person's acts of one kind follow each other at intervals too alike for a person's work.

Who reads that a burst is so many cases in so many minutes enters them evenly over the day instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from math import sqrt
from statistics import fmean, median

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, chains, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_hand: dict[tuple[int, str, str | None], list[Act]] = defaultdict(list)
    for act in facts.acts:
        if act.kind in ("case_started", "task_completed") and act.case.place.item and not act.from_paper:
            by_hand[act.person_id, act.case.place.item, act.element_id].append(act)
    for acts in by_hand.values():
        figures = choose(acts[-1].case.place)
        if figures is None:
            continue
        for chain in chains(facts, acts, timedelta(minutes=figures["most_minutes"]) * (1 + figures["percent"] / 100)):
            if run := _alike(chain, figures):
                yield _finding(facts, chain[0], run)


def _alike(acts: list[Act], figures: Mapping[str, int]) -> list[Act]:
    """The first run of intervals that are nearly the same, each of few or on the whole those of more."""
    return _each_alike(acts, figures) or _on_the_whole_alike(acts, figures)


def _on_the_whole_alike(acts: list[Act], figures: Mapping[str, int]) -> list[Act]:
    """The first long run whose intervals spread by no more than so many percent: cases that differ take longer or less
    by a quarter and more."""
    count = figures["long_acts"]
    for begin in range(len(acts) - count + 1):
        run = acts[begin : begin + count]
        gaps = [(later.at - one.at).total_seconds() for one, later in pairwise(run)]
        middle = fmean(gaps)
        slow = figures["least_seconds"] <= middle <= figures["most_minutes"] * 60
        if (
            slow
            and _spread(gaps, middle) * 100 <= middle * figures["spread"]
            and len({one.case.id for one in run}) == count
        ):
            return run
    return []


def _spread(gaps: list[float], middle: float) -> float:
    """The standard deviation."""
    return sqrt(fmean((gap - middle) ** 2 for gap in gaps))


def _each_alike(acts: list[Act], figures: Mapping[str, int]) -> list[Act]:
    """The first run of so many acts whose intervals differ from their median by no more than so many percent."""
    count = figures["acts"]
    for begin in range(len(acts) - count + 1):
        run = acts[begin : begin + count]
        gaps = [(later.at - one.at).total_seconds() for one, later in pairwise(run)]
        middle = median(gaps)
        alike = all(abs(gap - middle) * 100 <= middle * figures["percent"] for gap in gaps)
        # What follows faster is a burst.
        slow = figures["least_seconds"] <= middle <= figures["most_minutes"] * 60
        if alike and slow and len({one.case.id for one in run}) == count:
            return run
    return []


def _finding(facts: Facts, began: Act, run: list[Act]) -> Finding:
    first, last = run[0], run[-1]
    seconds = int((last.at - first.at).total_seconds()) // (len(run) - 1)
    return Finding(
        RULE,
        "red",
        f"rhythm/{first.person_id}/{began.case.id}/{began.seq}",
        f"person/{first.person_id}/{facts.calendar.local_date(first.at):%Y%m%d}",
        first.case.place,
        f"{first.person}办理同一事项 {len(run)} 件，间隔几乎相同（约 {seconds} 秒）",
        f"{first.person} did {len(run)} cases of one item at nearly the same intervals (about {seconds} s)",
        tuple(row_of(act) for act in run),
        person_id=first.person_id,
    )


RULE = Rule(
    "batch.rhythm",
    3,
    "一人办理同一事项的多个办件，间隔几乎相同（件数更多的，整体离散很小）。",
    "One person does cases of one item at intervals that are nearly the same, each of them or on the whole of more.",
    "S14",
    find,
    {
        "acts": Figure(6, 4, 100, "件数", "cases"),
        "percent": Figure(8, 1, 50, "间隔相差不超过（%）", "intervals differ by at most (%)"),
        "long_acts": Figure(9, 6, 100, "整体比较的件数", "cases compared on the whole"),
        "spread": Figure(15, 1, 50, "整体离散不超过（%）", "spread on the whole at most (%)"),
        "least_seconds": Figure(150, 1, 3600, "间隔最短（秒）", "shortest interval in seconds"),
        "most_minutes": Figure(40, 1, 480, "间隔最长（分钟）", "longest interval in minutes"),
    },
)
