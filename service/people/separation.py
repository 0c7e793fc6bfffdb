"""Separation of roles (DOMAIN: 4): what one person never does on one case, and posts never held together. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations


def _pairs(*rows: str) -> frozenset[frozenset[str]]:
    """Rows such as "review: accept approve" as unordered pairs."""
    found = set()
    for row in rows:
        left, rights = row.split(":")
        found |= {frozenset((left, right)) for right in rights.split()}
    return frozenset(found)


# Groups of steps that exclude each other within a case: items.yaml, meta.separation.exclusive_pairs.
EXCLUSIVE_GROUPS = _pairs(
    "accept: review approve decide legal collect visit supervise",
    "review: approve decide investigate legal hearing print collect visit supervise",
    "approve: decide investigate legal print collect supervise",
    "decide: investigate legal print collect supervise",
    "investigate: legal hearing collect review_dept visit supervise",
    "legal: hearing collect print supervise",
    "hearing: collect print supervise",
    "print: collect supervise",
    "collect: supervise",
    "accept_dept: review_dept visit supervise",
    "review_dept: visit supervise",
    "visit: supervise",
)

# Groups of supervision orders, which are cases of their own: closing one takes another person (DOMAIN: 5).
ORDER_GROUPS = _pairs("supervise: supervise_level2", "mend: supervise supervise_level2 centre")

BUSINESS_POSTS = frozenset(
    "clerk officer section legal hearing_chair vice head printer cashier town_clerk town_officer town_head "
    "hotline_operator hotline_dispatcher hotline_visitor dept_clerk".split()
)
THREE_OFFICES = frozenset({"sysadmin", "secadmin", "auditor"})
_SUPERVISORS = frozenset({"sup1", "sup2", "centre"})

# ✗ of DOMAIN section 4: in one department these posts would let one person do two separated acts of a case.
EXCLUSIVE_POSTS = _pairs(
    "clerk: section legal vice head cashier hearing_chair",
    "officer: section legal vice head cashier hearing_chair",
    "section: legal vice head printer cashier hearing_chair",
    "legal: vice head printer cashier hearing_chair",
    "vice: head printer cashier",
    "head: printer cashier",
    "printer: cashier",
    "hearing_chair: printer cashier",
    "town_clerk: town_head town_officer",
    "town_officer: town_head",
    "hotline_operator: hotline_dispatcher hotline_visitor dept_clerk",
    "hotline_visitor: dept_clerk",
)


_EXCLUSIVE = EXCLUSIVE_GROUPS | ORDER_GROUPS


@dataclass(frozen=True, slots=True)
class GroupConflict:
    """This person has already done `done_group` on the case, which excludes `wanted_group`."""

    person_id: int
    done_group: str
    wanted_group: str


@dataclass(frozen=True, slots=True)
class PostConflict:
    """Two posts that one person may not hold together; `always` for ■, else for ✗ in one department."""

    held: str
    wanted: str
    always: bool


def exclude_each_other(one: str, other: str) -> bool:
    """Whether no one person does both groups on a case."""
    return frozenset((one, other)) in _EXCLUSIVE


def group_conflict(
    wanted: str | None, persons: Collection[int], actors: Mapping[str, Sequence[int]]
) -> GroupConflict | None:
    """Whether any of `persons` (a delegate and his principal) has done an excluded group on this case."""
    if wanted is None:
        return None
    for done, doers in actors.items():
        if exclude_each_other(done, wanted):
            for person in persons:
                if person in doers:
                    return GroupConflict(person, done, wanted)
    return None


def post_conflict(
    wanted: tuple[str, str], held: Iterable[tuple[str, str]], loosened: Collection[str] = ()
) -> PostConflict | None:
    """Whether a grant of `wanted` (post, department) to a holder of `held` would put power in one hand (权力集中).

    In the departments of `loosened` a level-1 supervisor may hold business posts: there he is kept apart case by case.
    """
    post, department = wanted
    for held_post, held_department in held:
        if _watches_own(post, held_post) and department == held_department and department in loosened:
            continue
        if _never_together(post, held_post):
            return PostConflict(held_post, post, always=True)
        if held_department == department and frozenset((post, held_post)) in EXCLUSIVE_POSTS:
            return PostConflict(held_post, post, always=False)
    return None


def _watches_own(one: str, other: str) -> bool:
    return (one == "sup1" and other in BUSINESS_POSTS) or (other == "sup1" and one in BUSINESS_POSTS)


def _never_together(one: str, other: str) -> bool:
    """■ of DOMAIN section 4, whatever the department."""
    if one == other:
        return False
    for a, b in ((one, other), (other, one)):
        if a in _SUPERVISORS and (b in BUSINESS_POSTS or b in _SUPERVISORS):
            return True
        if a in THREE_OFFICES and (b in BUSINESS_POSTS or b in THREE_OFFICES):
            return True
        if a == "designer" and (b in _SUPERVISORS or b in THREE_OFFICES):
            return True
    return False


def conflicting_sets(posts: Iterable[str]) -> list[frozenset[str]]:
    """Every pair of posts in this set that one person may not hold in one department."""
    return [
        frozenset(pair)
        for pair in combinations(sorted(set(posts)), 2)
        if frozenset(pair) in EXCLUSIVE_POSTS or _never_together(*pair)
    ]
