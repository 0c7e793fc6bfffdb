"""卡点办理: bursts of one case fewer than alarms, again and again: the threshold is known and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Act, Done, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_hand: dict[tuple[int, str | None, str | None], list[Act]] = defaultdict(list)
    for done in facts.done:
        if done.act.case.place.item is not None and not done.act.from_paper:
            by_hand[_hand(done)].append(done.act)
    for acts in by_hand.values():
        figures = choose(acts[-1].case.place)
        if figures is None:
            continue
        runs = list(_runs(acts, timedelta(minutes=figures["minutes"]), figures["cases"]))
        if len(runs) >= figures["times"]:
            yield _finding(facts, runs)


def _hand(done: Done) -> tuple[int, str | None, str | None]:
    return done.act.person_id, done.act.case.place.item, done.act.element_id


def _runs(acts: list[Act], window: timedelta, cases: int) -> Iterator[list[Act]]:
    """Runs of exactly so many cases within the window, with a pause before and after."""
    run: list[Act] = []
    for act in [*acts, None]:
        if act is not None and (not run or act.at - run[-1].at <= window / 2):
            run.append(act)
            continue
        if len({one.case.id for one in run}) == cases and run[-1].at - run[0].at <= window:
            yield run
        run = [act] if act is not None else []


def _finding(facts: Facts, runs: list[list[Act]]) -> Finding:
    last = runs[-1][-1]
    month = facts.calendar.local_date(last.at)
    return Finding(
        RULE,
        "red",
        f"bunched_burst/{last.person_id}/{last.case.place.item}/{month:%Y%m}"[:80],
        f"person/{last.person_id}/{month:%Y%m%d}",
        last.case.place,
        f"{last.person}一月内 {len(runs)} 次连续办理 {len(runs[0])} 件即停，恰好不触发批量报警",
        f"{last.person} did runs of {len(runs[0])} cases {len(runs)} times within a month, one short of an alarm",
        tuple(row_of(act) for run in runs for act in run),
        person_id=last.person_id,
    )


RULE = Rule(
    "bunched.burst",
    1,
    "一人多次连续办理恰好少于批量报警的件数。",
    "One person does runs that are one case short of the alarm for batches, again and again.",
    "S14",
    find,
    {
        "cases": Figure(4, 2, 99, "每次件数", "cases of a run"),
        "minutes": Figure(10, 1, 240, "时段（分钟）", "window in minutes"),
        "times": Figure(4, 2, 50, "次数至少", "least runs"),
    },
)
