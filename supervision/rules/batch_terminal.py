"""批量录入: one terminal, several accounts, many cases of one item within minutes.

A terminal that two clerks of a window share in turn takes an hour for what a borrowed password enters in ten minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, chains, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    at_terminal: dict[tuple[str, str, str | None], list[Act]] = defaultdict(list)
    for act in facts.acts:
        if (
            act.terminal
            and act.kind in ("case_started", "task_completed")
            and act.case.place.item
            and not act.from_paper
        ):
            at_terminal[act.terminal, act.case.place.item, act.element_id].append(act)
    for acts in at_terminal.values():
        figures = choose(acts[-1].case.place)
        if figures is None:
            continue
        window = timedelta(minutes=figures["minutes"])
        for chain in chains(facts, acts, window):
            if burst := _burst(chain, window, figures["cases"]):
                yield _finding(facts, chain[0], burst)


def _burst(acts: list[Act], window: timedelta, cases: int) -> list[Act]:
    """The first run within the window of so many cases by more than one account; empty where there is none."""
    begin = 0
    for end, act in enumerate(acts):
        while act.at - acts[begin].at > window:
            begin += 1
        run = acts[begin : end + 1]
        if len({one.case.id for one in run}) >= cases and len({one.person_id for one in run}) > 1:
            return run
    return []


def _finding(facts: Facts, began: Act, burst: list[Act]) -> Finding:
    first = burst[0]
    people = "、".join(dict.fromkeys(act.person for act in burst))
    return Finding(
        RULE,
        "red",
        f"terminal_burst/{first.terminal}/{began.case.id}/{began.seq}"[:80],
        f"person/{first.person_id}/{facts.calendar.local_date(first.at):%Y%m%d}",
        first.case.place,
        f"{people}在同一终端几分钟内轮流办理同一事项 {len(burst)} 件",
        f"{len(burst)} acts on one item within minutes at one terminal, by several accounts",
        tuple(row_of(act) for act in burst),
        person_id=first.person_id,
    )


RULE = Rule(
    "batch.terminal",
    2,
    "同一终端上几个账号在几分钟内轮流办理同一事项的多个办件。",
    "Several accounts at one terminal do many cases of one item within minutes.",
    "S14",
    find,
    {
        "cases": Figure(6, 3, 100, "件数", "cases"),
        "minutes": Figure(10, 1, 240, "时段（分钟）", "window in minutes"),
    },
)
