"""The supervision log (监察日志): who should have been there on a working day, who was, and touched what was due. Pure.

Nothing counts minutes: a day knows whether somebody signed in, and in how many of the cases with work due he acted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from service.people.separation import BUSINESS_POSTS

Role = Literal["handler", "supervisor"]
ROLES: tuple[Role, ...] = ("handler", "supervisor")
SUPERVISING_POSTS = frozenset({"sup1", "sup2", "centre"})
# What the county's report asks for: 90 % of handlers and 95 % of supervisors on line.
TARGETS: Mapping[Role, float] = {"handler": 90.0, "supervisor": 95.0}


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """A working day from its first instant to the next day's."""

    day: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Posting:
    person_id: int
    name: str
    department: str
    post: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Away:
    """A leave; `ends_at` is the first instant after it."""

    person_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class DueTask:
    """Work with a limit; `person_id` is who has or had claimed it, None while it lies in the pool of its post."""

    case_id: int
    department: str
    post: str
    person_id: int | None
    entered_at: datetime
    due_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class SigningIn:
    person_id: int
    at: datetime
    address: str | None


@dataclass(frozen=True, slots=True)
class Acted:
    person_id: int
    case_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    postings: Sequence[Posting]
    away: Sequence[Away]
    due: Sequence[DueTask]
    signed_in: Sequence[SigningIn]
    acted: Sequence[Acted]


@dataclass(frozen=True, slots=True)
class PersonDay:
    """Somebody with work due that day; `touched` counts the cases of it in which he acted."""

    day: date
    person_id: int
    name: str
    department: str
    role: Role
    due: int
    touched: int
    signed_in_at: datetime | None
    address: str | None
    online: bool


@dataclass(frozen=True, slots=True)
class DayRate:
    """One department's day; `rate` is percent of those who should have been on line, with one decimal."""

    day: date
    department: str
    role: Role
    expected: int
    online: int
    touched: int

    @property
    def rate(self) -> float:
        return round(100 * self.online / self.expected, 1)

    @property
    def target(self) -> float:
        return TARGETS[self.role]

    @property
    def met(self) -> bool:
        return self.rate >= self.target


def role_of(post: str) -> Role | None:
    """Handlers and supervisors are in the log; administrators, designers and applicants are not."""
    if post in SUPERVISING_POSTS:
        return "supervisor"
    return "handler" if post in BUSINESS_POSTS else None


def person_days(facts: Facts, days: Iterable[OfficeDay]) -> list[PersonDay]:
    """Everybody who should have been there: posted, not on leave, with work due. By day, department, role, name."""
    return [one for day in days for one in sorted(_of_day(facts, day), key=_order)]


def _order(one: PersonDay) -> tuple[str, str, str, int]:
    return one.department, one.role, one.name, one.person_id


def _of_day(facts: Facts, day: OfficeDay) -> Iterator[PersonDay]:
    holders, names = _holders(facts, day)
    away = {one.person_id for one in facts.away if one.starts_at < day.ends_at and one.ends_at > day.starts_at}
    acted = {(one.person_id, one.case_id) for one in facts.acted if _within(one.at, day)}
    first: dict[int, SigningIn] = {}
    for one in facts.signed_in:
        if _within(one.at, day) and (one.person_id not in first or one.at < first[one.person_id].at):
            first[one.person_id] = one
    at_work = {person for person, _ in acted}
    for (person, department, role), cases in _work(facts, day, holders).items():
        if person in away:
            continue
        seen = first.get(person)
        yield PersonDay(
            day.day,
            person,
            names[person],
            department,
            role,
            len(cases),
            sum((person, case) in acted for case in cases),
            seen.at if seen else None,
            seen.address if seen else None,
            seen is not None or person in at_work,
        )


def _within(at: datetime, day: OfficeDay) -> bool:
    return day.starts_at <= at < day.ends_at


def _holders(facts: Facts, day: OfficeDay) -> tuple[dict[tuple[str, str], list[int]], dict[int, str]]:
    """Who holds each post of each department that day, and what they are called."""
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    for one in facts.postings:
        if one.since < day.ends_at and (one.until is None or one.until > day.starts_at) and role_of(one.post):
            holders[one.department, one.post].append(one.person_id)
            names[one.person_id] = one.name
    return holders, names


def _work(
    facts: Facts, day: OfficeDay, holders: Mapping[tuple[str, str], Sequence[int]]
) -> dict[tuple[int, str, Role], set[int]]:
    """The cases with work due that day or before, for whoever has it; of the pool, for everybody who may take it."""
    found: dict[tuple[int, str, Role], set[int]] = defaultdict(set)
    for task in facts.due:
        role = role_of(task.post)
        open_then = task.entered_at < day.ends_at and (task.done_at is None or task.done_at >= day.starts_at)
        if role is None or not open_then or task.due_at >= day.ends_at:
            continue
        posted = holders.get((task.department, task.post), ())
        for person in posted if task.person_id is None else [one for one in posted if one == task.person_id]:
            found[person, task.department, role].add(task.case_id)
    return found


def rates(found: Iterable[PersonDay]) -> list[DayRate]:
    """By day, department and role; nothing of a day on which nobody there had work due."""
    groups: dict[tuple[date, str, Role], list[PersonDay]] = defaultdict(list)
    for one in found:
        groups[one.day, one.department, one.role].append(one)
    return [
        DayRate(*key, len(people), sum(one.online for one in people), sum(one.touched > 0 for one in people))
        for key, people in groups.items()
    ]
