"""Which of a case's coming steps nobody could do (无人可办), by posts held, leave, two officers, separation. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.people.actor import COUNTY_POSTS
from service.people.separation import group_conflict

# Outbox messages: look at one case, and at every case that a post of a department may concern.
CHECK_CASE = "check_staff"
CHECK_OFFICE = "check_office_staff"
NOBODY, SOMEBODY = "nobody_eligible", "somebody_eligible"
WHY: Mapping[str, tuple[str, str]] = {
    "no_holder": ("无人具备该岗位", "nobody holds the post"),
    "excluded": ("具备该岗位的人均受职责分离限制", "separation of roles excludes whoever holds the post"),
    "one_officer": ("须两人办理，只有一人具备该岗位", "two officers are needed, but one holds the post"),
    "on_leave": ("可以办理的人正在请假，无人代办", "whoever could do it is on leave, and nobody stands in"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is open and unclaimed, or that may come. `officers` is how many qualified persons it takes.

    `needed_by` is until when somebody must do it: at once (None) where it is open, else the case's own limit.
    """

    element_id: str
    name_zh: str
    name_en: str
    post: str
    department: str
    group: str | None
    officers: int = 1
    needed_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody with a post; `principal` is set where it is lent, and counts for separation too.

    Who is on leave now is `away_until` its end.
    """

    person: int
    post: str
    department: str
    principal: int | None = None
    away_until: datetime | None = None

    def serves(self, step: Step) -> bool:
        return self.post == step.post and (self.department == step.department or self.post in COUNTY_POSTS)

    def present(self, step: Step) -> bool:
        """Whether the person is here, or comes back while the step can still be done in time."""
        return self.away_until is None or (step.needed_by is not None and self.away_until < step.needed_by)

    @property
    def persons(self) -> tuple[int, ...]:
        return (self.person,) if self.principal is None else (self.person, self.principal)


@dataclass(frozen=True, slots=True)
class Gap:
    """A step that nobody could do, and why: a key of WHY."""

    step: Step
    why: str

    def as_json(self) -> dict[str, Any]:
        step = self.step
        named = {"element": step.element_id, "name": step.name_zh, "name_en": step.name_en}
        return {**named, "post": step.post, "department": step.department, "why": self.why}


def gaps(steps: Iterable[Step], candidates: Sequence[Candidate], actors: Mapping[str, Sequence[int]]) -> Iterator[Gap]:
    """The steps that nobody could do, by what has been done on the case so far."""
    for step in steps:
        why = _why(step, [one for one in candidates if one.serves(step)], actors)
        if why is not None:
            yield Gap(step, why)


def _why(step: Step, holders: list[Candidate], actors: Mapping[str, Sequence[int]]) -> str | None:
    if step.officers > 1:  # A lent post is not enough for one of two officers (行政处罚法 Art. 42).
        holders = [one for one in holders if one.principal is None]
    if not holders:
        return "no_holder"
    able = [one for one in holders if group_conflict(step.group, one.persons, actors) is None]
    if len({one.person for one in able if one.present(step)}) >= step.officers:
        return None
    if len({one.person for one in able}) >= step.officers:
        return "on_leave"
    return "one_officer" if len({one.person for one in holders}) < step.officers else "excluded"
