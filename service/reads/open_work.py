"""What a person has in hand: claimed tasks with their drafts, and opinions that others wait for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, and_, bindparam, exists, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.engine import Row

from service.database.tables import case, delegation, person, post_holding, task_opinion, user_task
from service.people.actor import COUNTY_POSTS, Holding
from service.people.separation import BUSINESS_POSTS, group_conflict
from service.user_tasks.opinions import SIGNING

_COLUMNS = (
    case.c.id.label("case_id"),
    case.c.number,
    case.c.applicant_name,
    case.c.actors,
    user_task.c.id.label("task_id"),
    user_task.c.element_id,
    user_task.c.name_zh,
    user_task.c.name_en,
    user_task.c.post,
    user_task.c.department,
    user_task.c.separation_group,
    user_task.c.assignee,
    user_task.c.signed_by,
    user_task.c.due_at,
    user_task.c.draft.is_not(None).label("has_draft"),
)
_PERSON: BindParameter[int] = bindparam("person_id")
_OWN = exists().where(
    post_holding.c.person_id == user_task.c.assignee,
    post_holding.c.post == user_task.c.post,
    or_(post_holding.c.department == user_task.c.department, post_holding.c.post.in_(sorted(COUNTY_POSTS))),
    post_holding.c.ended_at.is_(None),
)
# Claimed by somebody who may do it by this person's post alone.
_BY_LOAN = exists().where(
    delegation.c.principal_id == _PERSON,
    delegation.c.delegate_id == user_task.c.assignee,
    delegation.c.post == user_task.c.post,
    delegation.c.department == user_task.c.department,
    delegation.c.task_id.is_(None),
    delegation.c.revoked_at.is_(None),
    delegation.c.ends_at > bindparam("now", type_=delegation.c.ends_at.type),
)
_TASKS = (
    select(*_COLUMNS)
    .join(case, case.c.id == user_task.c.case_id)
    .where(user_task.c.status == "open", or_(user_task.c.assignee == _PERSON, and_(_BY_LOAN, ~_OWN)))
    .order_by(case.c.id, user_task.c.entered_at, user_task.c.id)
)
_OPINIONS = (
    select(*_COLUMNS, task_opinion.c.id.label("opinion_id"), task_opinion.c.way, task_opinion.c.round)
    .join(user_task, user_task.c.id == task_opinion.c.task_id)
    .join(case, case.c.id == task_opinion.c.case_id)
    .where(
        task_opinion.c.person_id == _PERSON,
        task_opinion.c.answered_at.is_(None),
        case.c.closed_at.is_(None),
        or_(
            user_task.c.status == "open",
            user_task.c.status == sql_case((task_opinion.c.way == "after", "completed"), else_="open"),
        ),
    )
    .order_by(case.c.id, task_opinion.c.id)
)
_STAFF = (
    select(person.c.id, person.c.name, post_holding.c.post, post_holding.c.department)
    .join(post_holding, post_holding.c.person_id == person.c.id)
    .where(person.c.active.is_(True), post_holding.c.ended_at.is_(None))
    .order_by(person.c.id, post_holding.c.id)
)
_COUNTS = (
    select(person.c.id, person.c.name, person.c.department, func.count(user_task.c.id).label("tasks"))
    .join(user_task, user_task.c.assignee == person.c.id)
    .where(user_task.c.status == "open")
    .group_by(person.c.id, person.c.name, person.c.department)
    .order_by(person.c.id)
)


@dataclass(frozen=True, slots=True)
class Receiver:
    id: int
    name: str
    posts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkInHand:
    """A task, or an opinion where `way` is set. `receivers` may take it on; separation has been asked."""

    kind: str
    id: str
    case_number: str
    applicant_name: str
    step_name_zh: str
    step_name_en: str
    post: str
    department: str
    due_at: datetime | None
    has_draft: bool
    way: str | None
    receivers: tuple[Receiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody with tasks in hand."""

    id: int
    name: str
    department: str
    tasks: int


def tasks_in_hand(connection: Connection, person_id: int, now: datetime) -> list[Row[Any]]:
    """Open tasks that this person has claimed, or that a delegate has by this person's post alone; by case."""
    return list(connection.execute(_TASKS, {"person_id": person_id, "now": now}))


def opinions_in_hand(connection: Connection, person_id: int) -> list[Row[Any]]:
    """Opinions that this person was asked for, now or after a step that is still open; by case."""
    return list(connection.execute(_OPINIONS, {"person_id": person_id}))


def held_back_by(
    connection: Connection, person_id: int, holding: Holding | None, remaining: Iterable[Holding], now: datetime
) -> list[str]:
    """Numbers of the cases whose open work stands in the way of ending this holding, or of leaving (None).

    `remaining` are the posts that the person keeps.
    """
    tasks, opinions = tasks_in_hand(connection, person_id, now), opinions_in_hand(connection, person_id)
    if holding is not None:
        kept = list(remaining)
        tasks = [t for t in tasks if holding.serves(t.post, t.department) and not _any_serves(kept, t)]
        in_office = any(one.post in BUSINESS_POSTS for one in kept)
        opinions = [] if in_office or holding.post not in BUSINESS_POSTS else opinions
    return sorted({row.number for row in [*tasks, *opinions]})


def _any_serves(kept: list[Holding], task: Row[Any]) -> bool:
    return any(one.serves(task.post, task.department) for one in kept)


def work_in_hand(connection: Connection, person_id: int, now: datetime) -> tuple[WorkInHand, ...]:
    """All of it, each with those who may take it on: what the page and the interface offer."""
    tasks, opinions = tasks_in_hand(connection, person_id, now), opinions_in_hand(connection, person_id)
    staff = _staff(connection) if tasks or opinions else []
    return tuple(
        _view(row, tuple(one for one, held in staff if one.id != person_id and _may_receive(row, one, held)))
        for row in [*tasks, *opinions]
    )


def busy_people(connection: Connection, department: str | None) -> tuple[Busy, ...]:
    """Who has tasks in hand; in one department, or in all."""
    statement = _COUNTS if department is None else _COUNTS.where(person.c.department == department)
    return tuple(Busy(r.id, r.name, r.department, r.tasks) for r in connection.execute(statement))


def _staff(connection: Connection) -> list[tuple[Receiver, list[Holding]]]:
    found: dict[int, tuple[str, list[Holding]]] = {}
    for row in connection.execute(_STAFF):
        found.setdefault(row.id, (row.name, []))[1].append(Holding(row.post, row.department))
    return [(Receiver(one, name, tuple(h.post for h in holdings)), holdings) for one, (name, holdings) in found.items()]


def _may_receive(row: Row[Any], one: Receiver, holdings: list[Holding]) -> bool:
    """By the same rules as the command."""
    actors = row.actors or {}
    way = getattr(row, "way", None)
    if way is None:
        able = any(h.serves(row.post, row.department) for h in holdings) and one.id not in (row.assignee, row.signed_by)
        return able and group_conflict(row.separation_group, [one.id], actors) is None
    signs = way in SIGNING
    able = any(h.post in BUSINESS_POSTS and h.department == row.department for h in holdings)
    return able and (not signs or group_conflict("review", [one.id], actors) is None)


def _view(row: Row[Any], receivers: tuple[Receiver, ...]) -> WorkInHand:
    way = getattr(row, "way", None)
    return WorkInHand(
        "task" if way is None else "opinion",
        row.task_id if way is None else str(row.opinion_id),
        row.number,
        row.applicant_name,
        row.name_zh,
        row.name_en,
        row.post,
        row.department,
        row.due_at,
        bool(row.has_draft),
        way,
        receivers,
    )
