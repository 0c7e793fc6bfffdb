"""权力集中: one person acts in several posts that exclude each other, on whatever cases.

Told of each day on which the posts meet: whoever does it again after an answer has changed nothing. The order that
nobody has answered yet gathers these days by their cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from service.people.separation import EXCLUSIVE_POSTS
from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of

_DAY = timedelta(days=1)


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_person: dict[tuple[int, str], list[Act]] = defaultdict(list)
    for act in facts.acts:
        if act.post is not None:
            by_person[act.person_id, act.case.place.department].append(act)
    for acts in by_person.values():
        figures = choose(acts[-1].case.place)
        if figures is not None:
            yield from (_finding(facts, first_acts) for first_acts in _met(facts, acts, figures["pairs"]))


def _met(facts: Facts, acts: list[Act], pairs: int) -> Iterator[list[Act]]:
    """The first act of each post, up to the end of each day by which so many pairs of them exclude each other."""
    first_acts: dict[str, Act] = {}
    for acts_of_day in _days(facts, acts):
        for act in acts_of_day:
            first_acts.setdefault(str(act.post), act)
        if sum(frozenset((a, b)) in EXCLUSIVE_POSTS for a in first_acts for b in first_acts if a < b) >= pairs:
            yield list(first_acts.values())
            first_acts = {}


def _days(facts: Facts, acts: list[Act]) -> list[list[Act]]:
    """By days of the office. One that is half out of sight was held whole against the day after it, and is left out."""
    local_date = facts.calendar.local_date
    days: list[tuple[date, list[Act]]] = [(day, list(of)) for day, of in groupby(acts, lambda act: local_date(act.at))]
    half = facts.since is not None and local_date(facts.since)
    if len(days) > 1 and days[0][0] == half and days[1][0] - days[0][0] == _DAY:
        del days[0]
    return [of for _, of in days]


def _finding(facts: Facts, acts: list[Act]) -> Finding:
    last = acts[-1]
    day = facts.calendar.local_date(last.at)
    return Finding(
        RULE,
        "red",
        f"posts/{last.person_id}/{last.case.place.department}/{day:%Y%m%d}",
        f"person/{last.person_id}/{day:%Y%m}",
        last.case.place,
        f"{last.person}先后以 {len(acts)} 个岗位办理，其中有不相容的岗位",
        f"{last.person} has acted in {len(acts)} posts, some of which exclude each other",
        tuple(row_of(act) | {"post": act.post} for act in acts),
        person_id=last.person_id,
    )


RULE = Rule(
    "concentrated.posts",
    2,
    "一人先后以互不相容的岗位办理（按日告知；未答复的，归入同一督办单）。",
    "One person acts in posts that exclude each other; told by the day, gathered in one order until that is answered.",
    "S26",
    find,
    {"pairs": Figure(1, 1, 20, "不相容岗位对数", "pairs of posts that exclude each other")},
)
