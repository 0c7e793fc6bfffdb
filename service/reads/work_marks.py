"""What a row of the work list shows beside the task: its alarm, and the steps that one may filter by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import Row

from service.database.tables import alarm, case, power_item, user_task
from service.people.actor import Actor
from service.reads.paging import FIRST_PAGE, Asked, Page, contains, instant, microseconds, page_of

_WEIGHT = {"blue": 1, "yellow": 2, "red": 3}


@dataclass(frozen=True, slots=True)
class DoneRow:
    """A task that this person has completed, the newest first."""

    id: str
    case_number: str
    case_kind: str
    case_status: str
    item_name_zh: str
    item_name_en: str
    applicant_name: str
    name_zh: str
    name_en: str
    post: str
    officers: int
    status: str
    completed_at: datetime
    excluded: bool = False


def alarm_colours(connection: Connection, numbers: Iterable[str]) -> dict[tuple[str, str | None], str]:
    """{(case number, element): the gravest colour of its alarms that are not closed}."""
    rows = connection.execute(
        select(case.c.number, alarm.c.element_id, alarm.c.colour)
        .join(case, case.c.id == alarm.c.case_id)
        .where(case.c.number.in_(sorted(set(numbers))), alarm.c.status != "closed")
    )
    found: dict[tuple[str, str | None], str] = {}
    for number, element_id, colour in rows:
        key = (number, element_id)
        if _WEIGHT.get(colour, 0) > _WEIGHT.get(found.get(key, ""), 0):
            found[key] = colour
    return found


def list_done(connection: Connection, actor: Actor, q: str | None, asked: Asked = FIRST_PAGE) -> Page[DoneRow]:
    """What this person has completed, whether it counted or not."""
    where = [user_task.c.completed_by == actor.person_id, user_task.c.completed_at.is_not(None)]
    if q:
        pattern = contains(q.strip())
        where.append(case.c.number.ilike(pattern, escape="\\") | case.c.applicant_name.ilike(pattern, escape="\\"))
    joined = user_task.join(case, case.c.id == user_task.c.case_id)
    total = connection.execute(select(func.count()).select_from(joined).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(user_task.c.completed_at < instant(after[0]))
    rows = connection.execute(
        select(
            user_task,
            case.c.number,
            case.c.kind,
            case.c.status.label("case_status"),
            case.c.applicant_name,
            power_item.c.name_zh.label("item_name_zh"),
            power_item.c.name_en.label("item_name_en"),
        )
        .select_from(
            joined.outerjoin(
                power_item, (power_item.c.code == case.c.power_item) & (power_item.c.version == case.c.item_version)
            )
        )
        .where(*where)
        .order_by(user_task.c.completed_at.desc())
        .limit(asked.limit + 1)
    ).all()
    return page_of(rows, total, asked, lambda row: [microseconds(row.completed_at)], _done)


def _done(row: Row[Any]) -> DoneRow:
    return DoneRow(
        id=row.id,
        case_number=row.number,
        case_kind=row.kind,
        case_status=row.case_status,
        item_name_zh=row.item_name_zh or row.applicant_name,
        item_name_en=row.item_name_en or row.applicant_name,
        applicant_name=row.applicant_name,
        name_zh=row.name_zh,
        name_en=row.name_en,
        post=row.post,
        officers=row.officers,
        status=row.status,
        completed_at=row.completed_at,
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to filter by, with its name in both languages."""

    value: str
    name_zh: str
    name_en: str


def items_of(connection: Connection, departments: frozenset[str] | None) -> Sequence[Choice]:
    """The items of these departments (None: of all), for a filter."""
    statement = select(power_item.c.code, power_item.c.name_zh, power_item.c.name_en).where(
        power_item.c.current.is_(True)
    )
    if departments is not None:
        statement = statement.where(power_item.c.department.in_(sorted(departments)))
    return [Choice(r.code, r.name_zh, r.name_en) for r in connection.execute(statement.order_by(power_item.c.code))]


def steps_of(connection: Connection, actor: Actor) -> Sequence[Choice]:
    """The steps that are open now in this person's departments, for a filter."""
    departments = sorted({h.department for h in actor.holdings})
    rows = connection.execute(
        select(user_task.c.element_id, func.min(user_task.c.name_zh), func.min(user_task.c.name_en))
        .where(user_task.c.status == "open", user_task.c.department.in_(departments))
        .group_by(user_task.c.element_id)
        .order_by(user_task.c.element_id)
    )
    return [Choice(r[0], r[1], r[2]) for r in rows]
