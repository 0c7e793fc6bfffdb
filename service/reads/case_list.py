"""Lists of cases, the newest first, and the events of one case in their order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.engine import Row

from service.database.tables import case, event, power_item, process_definition
from service.people.actor import Actor
from service.reads.case_parts import PersonRef, person_ref
from service.reads.paging import FIRST_PAGE, Asked, Page, contains, page_of
from service.reads.visibility import departments_of_cases, visible

STATUSES = ("open", "halted", "suspended", "completed", "terminated")
_COLUMNS = (
    case.c.id,
    case.c.number,
    case.c.power_item,
    case.c.department,
    case.c.status,
    case.c.outcome,
    case.c.applicant_name,
    case.c.created_at,
    case.c.due_at,
    case.c.decided_on,
    case.c.closed_at,
    case.c.version,
    power_item.c.name_zh.label("item_name_zh"),
    power_item.c.name_en.label("item_name_en"),
    process_definition.c.version.label("definition_version"),
)


@dataclass(frozen=True, slots=True)
class CaseListRow:
    number: str
    power_item: str | None
    item_name_zh: str
    item_name_en: str
    definition_version: int
    department: str
    status: str
    outcome: str | None
    applicant_name: str
    created_at: datetime
    due_at: datetime | None
    decided_on: date | None
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """`q` is a part of the number or of the applicant's name."""

    status: str | None = None
    power_item: str | None = None
    department: str | None = None
    q: str | None = None


def list_cases(
    connection: Connection, actor: Actor, wanted: CaseFilter, asked: Asked = FIRST_PAGE
) -> Page[CaseListRow]:
    """Cases of power items that this person may read."""
    where = _conditions(actor, wanted)
    total = connection.execute(select(func.count()).select_from(case).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(case.c.id < after[0])
    statement = (
        select(*_COLUMNS)
        .join(process_definition, process_definition.c.id == case.c.definition_id)
        .outerjoin(
            power_item, and_(power_item.c.code == case.c.power_item, power_item.c.version == case.c.item_version)
        )
        .where(*where)
        .order_by(case.c.id.desc())
        .limit(asked.limit + 1)
    )
    return page_of(connection.execute(statement).all(), total, asked, lambda row: [row.id], _row)


def _conditions(actor: Actor, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    where = [case.c.kind == "item", visible(departments_of_cases(actor))]
    for column, value in (
        (case.c.status, wanted.status),
        (case.c.power_item, wanted.power_item),
        (case.c.department, wanted.department),
    ):
        if value is not None:
            where.append(column == value)
    if wanted.q:
        pattern = contains(wanted.q.strip())
        where.append(or_(case.c.number.ilike(pattern, escape="\\"), case.c.applicant_name.like(pattern, escape="\\")))
    return where


def _row(row: Row[Any]) -> CaseListRow:
    return CaseListRow(
        row.number,
        row.power_item,
        row.item_name_zh or "",
        row.item_name_en or "",
        row.definition_version,
        row.department,
        row.status,
        row.outcome,
        row.applicant_name,
        row.created_at,
        row.due_at,
        row.decided_on,
        row.closed_at,
        row.version,
    )


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of the chain. `principal` is whom the actor stood in for."""

    seq: int
    at: datetime
    kind: str
    actor: PersonRef | None
    principal: int | None
    post: str | None
    element_id: str | None
    payload: Any
    hash: str
    previous_hash: str


def list_events(connection: Connection, case_id: int, asked: Asked = FIRST_PAGE) -> Page[EventView]:
    """The history of a case from its first event on."""
    total = connection.execute(select(func.count()).select_from(event).where(event.c.case_id == case_id)).scalar_one()
    statement = select(event).where(event.c.case_id == case_id)
    if (after := asked.after(int)) is not None:
        statement = statement.where(event.c.seq > after[0])
    rows = connection.execute(statement.order_by(event.c.seq).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.seq], _event)


def _event(row: Row[Any]) -> EventView:
    return EventView(
        row.seq,
        row.at,
        row.kind,
        person_ref(row.actor, row.actor_name),
        row.principal,
        row.post,
        row.element_id,
        json.loads(row.payload),
        row.hash,
        row.previous_hash,
    )
