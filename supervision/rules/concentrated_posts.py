"""权力集中: one person acts in several posts that exclude each other, on whatever cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from service.people.separation import EXCLUSIVE_POSTS
from supervision.facts import Act, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_person: dict[tuple[int, str], dict[str, Act]] = defaultdict(dict)
    for act in facts.acts:
        if act.post is not None:
            by_person[act.person_id, act.case.place.department].setdefault(act.post, act)
    for first_acts in by_person.values():
        acts = list(first_acts.values())
        figures = choose(acts[-1].case.place)
        pairs = sum(frozenset((a, b)) in EXCLUSIVE_POSTS for a in first_acts for b in first_acts if a < b)
        if figures is not None and pairs >= figures["pairs"]:
            yield _finding(facts, acts)


def _finding(facts: Facts, acts: list[Act]) -> Finding:
    last = acts[-1]
    month = facts.calendar.local_date(last.at)
    return Finding(
        RULE,
        "red",
        f"posts/{last.person_id}/{last.case.place.department}/{month:%Y%m}",
        f"person/{last.person_id}/{month:%Y%m}",
        last.case.place,
        f"{last.person}先后以 {len(acts)} 个岗位办理，其中有不相容的岗位",
        f"{last.person} has acted in {len(acts)} posts, some of which exclude each other",
        tuple(row_of(act) | {"post": act.post} for act in acts),
        person_id=last.person_id,
    )


RULE = Rule(
    "concentrated.posts",
    1,
    "一人先后以互不相容的岗位办理。",
    "One person acts in posts that exclude each other.",
    "S26",
    find,
    {"pairs": Figure(1, 1, 20, "不相容岗位对数", "pairs of posts that exclude each other")},
)
