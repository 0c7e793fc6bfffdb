"""权力集中: posts pile up on one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from service.people.separation import BUSINESS_POSTS
from supervision.facts import Facts, Held, Place
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_person: dict[tuple[int, str], list[Held]] = defaultdict(list)
    for held in facts.held:
        if held.post in BUSINESS_POSTS:
            by_person[held.person_id, held.department].append(held)
    for posts in by_person.values():
        figures = choose(Place(posts[0].department))
        if figures is not None and len(posts) >= figures["posts"]:
            yield _finding(posts)


def _finding(posts: list[Held]) -> Finding:
    last = max(posts, key=lambda held: held.since)
    return Finding(
        RULE,
        "yellow",
        f"piled/{last.person_id}/{last.id}",
        f"piled/{last.person_id}",
        Place(last.department),
        f"{last.person}一人兼任 {len(posts)} 个岗位",
        f"{last.person} holds {len(posts)} posts",
        tuple({"at": h.since.isoformat(), "person": h.person, "post": h.post, "zh": "", "en": ""} for h in posts),
        person_id=last.person_id,
    )


RULE = Rule(
    "concentrated.piled",
    1,
    "同一部门的多个业务岗位集中于一人。",
    "Many posts of a department are held by one person.",
    "S26",
    find,
    {"posts": Figure(4, 2, 20, "岗位数", "posts")},
)
