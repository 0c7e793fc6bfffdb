"""Opinions and signatures that were asked for: those of one case by rounds, and those that one person was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, select
from sqlalchemy import case as sql_case
from sqlalchemy.engine import Row

from service.database.tables import case, department, person, power_item, task_opinion, user_task
from service.people.actor import Actor
from service.reads.case_parts import PersonRef
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of
from service.reads.visibility import may_read_case
from service.user_tasks.opinions import SIGNING, Result, result_of

STATES = ("open", "given")
_ASKED, _ASKER = person.alias("asked"), person.alias("asker")
_ROUND_COLUMNS = (
    task_opinion,
    _ASKED.c.name.label("person_name"),
    _ASKER.c.name.label("asker_name"),
    user_task.c.name_zh.label("step_zh"),
    user_task.c.name_en.label("step_en"),
    user_task.c.status.label("task_status"),
)
_OF_CASE = (
    select(*_ROUND_COLUMNS)
    .join(_ASKED, _ASKED.c.id == task_opinion.c.person_id)
    .join(_ASKER, _ASKER.c.id == task_opinion.c.asked_by)
    .join(user_task, user_task.c.id == task_opinion.c.task_id)
    .where(task_opinion.c.case_id == bindparam("case_id"))
    .order_by(task_opinion.c.asked_at, task_opinion.c.round, task_opinion.c.id)
)
_SIGNERS = task_opinion.c.way.in_(sorted(SIGNING - {"after"}))
_HELD = select(
    user_task.c.held_by,
    user_task.c.held_for,
    exists().where(task_opinion.c.task_id == user_task.c.id, _SIGNERS).label("asked"),
).where(user_task.c.id == bindparam("task_id"))
# It can be given now, by the same rule as the command: the step is where its signers sign, and the case goes on.
_BEGUN = and_(
    task_opinion.c.answered_at.is_(None),
    case.c.closed_at.is_(None),
    user_task.c.status == sql_case((task_opinion.c.way == "after", "completed"), else_="open"),
)
_STATE: dict[str, ColumnElement[bool]] = {"open": _BEGUN, "given": task_opinion.c.answered_at.is_not(None)}
_COUNT = (
    select(func.count())
    .select_from(task_opinion)
    .join(case, case.c.id == task_opinion.c.case_id)
    .join(user_task, user_task.c.id == task_opinion.c.task_id)
    .where(task_opinion.c.person_id == bindparam("person_id"))
)
_MINE = (
    select(
        *_ROUND_COLUMNS,
        case.c.number.label("case_number"),
        case.c.kind.label("case_kind"),
        case.c.department,
        case.c.applicant_name,
        power_item.c.name_zh.label("item_name_zh"),
        power_item.c.name_en.label("item_name_en"),
        department.c.name_zh.label("department_name_zh"),
        department.c.name_en.label("department_name_en"),
    )
    .join(_ASKED, _ASKED.c.id == task_opinion.c.person_id)
    .join(_ASKER, _ASKER.c.id == task_opinion.c.asked_by)
    .join(user_task, user_task.c.id == task_opinion.c.task_id)
    .join(case, case.c.id == task_opinion.c.case_id)
    .outerjoin(power_item, and_(power_item.c.code == case.c.power_item, power_item.c.version == case.c.item_version))
    .outerjoin(department, department.c.code == case.c.department)
    .where(task_opinion.c.person_id == bindparam("person_id"))
)


@dataclass(frozen=True, slots=True)
class OpinionView:
    """One person's answer; `lapsed`: the step is over, and nobody asks for it any more."""

    id: int
    person: PersonRef
    answer: str | None
    text: str | None
    answered_at: datetime | None
    lapsed: bool


@dataclass(frozen=True, slots=True)
class RoundView:
    """Those asked together, and what their answers have come to; a consultation has no result."""

    task_id: str
    step_name_zh: str
    step_name_en: str
    way: str
    rule: str
    asked_by: PersonRef
    asked_at: datetime
    question: str
    result: Result | None
    opinions: tuple[OpinionView, ...]


@dataclass(frozen=True, slots=True)
class AskedOpinion:
    """What one was asked, with as much of the case as one must know; `readable`: one may open the case itself."""

    id: int
    case_number: str
    item_name_zh: str
    item_name_en: str
    department_name_zh: str
    department_name_en: str
    applicant_name: str
    step_name_zh: str
    step_name_en: str
    way: str
    rule: str
    asked_by: PersonRef
    asked_at: datetime
    question: str
    answer: str | None
    text: str | None
    answered_at: datetime | None
    readable: bool


def opinions_of_case(connection: Connection, case_id: int) -> tuple[RoundView, ...]:
    """Every round on the case, in the order in which they were asked."""
    rows = connection.execute(_OF_CASE, {"case_id": case_id}).all()
    return tuple(_round(list(found)) for _, found in groupby(rows, key=attrgetter("round")))


def signatures_settled(connection: Connection, task_id: str) -> bool | None:
    """Whether everybody has signed who was asked to before the task can be completed; None if nobody was."""
    row = connection.execute(_HELD, {"task_id": task_id}).one()
    if row.held_by or row.held_for:
        return False
    return True if row.asked else None


def list_opinions(connection: Connection, actor: Actor, state: str, asked: Asked = FIRST_PAGE) -> Page[AskedOpinion]:
    """What this person was asked: what waits for him, or what he gave; the newest first."""
    where = [_STATE[state]]
    bound = {"person_id": actor.person_id}
    total = connection.execute(_COUNT.where(*where), bound).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(task_opinion.c.id < after[0])
    statement = _MINE.where(*where).order_by(task_opinion.c.id.desc()).limit(asked.limit + 1)
    rows = connection.execute(statement, bound).all()
    return page_of(rows, total, asked, lambda row: [row.id], lambda row: _mine(row, actor))


def opinions_waiting(connection: Connection, actor: Actor) -> int:
    """How many answers wait for this person."""
    return int(connection.execute(_COUNT.where(_BEGUN), {"person_id": actor.person_id}).scalar_one())


def _round(rows: Sequence[Row[Any]]) -> RoundView:
    first = rows[0]
    return RoundView(
        first.task_id,
        first.step_zh,
        first.step_en,
        first.way,
        first.rule,
        PersonRef(first.asked_by, first.asker_name),
        first.asked_at,
        first.question,
        result_of(first.rule, [row.answer for row in rows]) if first.way in SIGNING else None,
        tuple(_opinion(row) for row in rows),
    )


def _opinion(row: Row[Any]) -> OpinionView:
    waits = ("open", "completed") if row.way == "after" else ("open",)
    lapsed = row.answered_at is None and row.task_status not in waits
    return OpinionView(row.id, PersonRef(row.person_id, row.person_name), row.answer, row.text, row.answered_at, lapsed)


def _mine(row: Row[Any], actor: Actor) -> AskedOpinion:
    return AskedOpinion(
        row.id,
        row.case_number,
        row.item_name_zh or "",
        row.item_name_en or "",
        row.department_name_zh or row.department,
        row.department_name_en or row.department,
        row.applicant_name,
        row.step_zh,
        row.step_en,
        row.way,
        row.rule,
        PersonRef(row.asked_by, row.asker_name),
        row.asked_at,
        row.question,
        row.answer,
        row.text,
        row.answered_at,
        may_read_case(actor, row.department, row.case_kind),
    )
