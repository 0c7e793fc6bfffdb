"""事后补录: several steps of one case follow each other within minutes, as nobody works who really does them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case, row_of

# What follows a decision is quick by nature: printing, handing out.
_QUICK = frozenset({"print", None})


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_case: dict[int, list[Act]] = defaultdict(list)
    for act in facts.acts:
        if act.case.at_once:  # 行政处罚法 Art. 51: the law wants its steps to follow each other.
            continue
        if act.kind == "task_completed" and act.group not in _QUICK and act.case.place.item is not None:
            by_case[act.case.id].append(act)
    for acts in by_case.values():
        figures = choose(acts[-1].case.place)
        if figures is not None and (run := _run(acts, figures["steps"], figures["minutes"])):
            yield _finding(run)


def _run(acts: list[Act], steps: int, minutes: int) -> list[Act]:
    """The first acts of as many different steps within the window."""
    window = timedelta(minutes=minutes)
    for position, first in enumerate(acts):
        run = [act for act in acts[position:] if act.at - first.at <= window]
        if len({act.element_id for act in run}) >= steps:
            return run
    return []


def _finding(run: list[Act]) -> Finding:
    case, seconds = run[0].case, int((run[-1].at - run[0].at).total_seconds())
    return Finding(
        RULE,
        "red",
        f"steps/{case.id}/{run[0].seq}",
        of_case(case),
        case.place,
        f"同一办件在 {max(seconds, 1)} 秒内办结 {len(run)} 个环节",
        f"{len(run)} steps of one case were completed within {max(seconds, 1)} s",
        tuple(row_of(act) for act in run),
        case_id=case.id,
        element_id=run[-1].element_id,
    )


RULE = Rule(
    "backfilled.steps",
    1,
    "同一办件的多个环节在几分钟内相继办结（制证、送达不计）。",
    "Several steps of one case are completed within minutes of each other, printing and delivery apart.",
    "S7",
    find,
    {
        "steps": Figure(3, 2, 20, "环节数", "steps"),
        "minutes": Figure(5, 1, 240, "时段（分钟）", "window in minutes"),
    },
)
