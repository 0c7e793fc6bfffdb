"""The work list: whose turn it is. Rows without forms; the order is by due instant, the nearest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, false, func, literal, or_, select
from sqlalchemy.engine import Row

from service.database.tables import alarm, case, person, power_item, process_definition, user_task
from service.database.types import Instant
from service.people.actor import COUNTY_POSTS, Actor, Holding
from service.people.separation import group_conflict
from service.reads.case_parts import PersonRef, person_ref
from service.reads.paging import FAR, FIRST_PAGE, Asked, Page, contains, instant, microseconds, page_of
from service.reads.visibility import departments_of_alarms, departments_of_cases, visible

VIEWS: Final = ("mine", "claimable", "department", "to_sign")
STATUSES: Final = ("open", "completed", "void", "cancelled", "returned")
_DUE = func.coalesce(user_task.c.due_at, literal(FAR, Instant)).label("order_at")
_NAMES = (user_task.c.id, case.c.number, case.c.kind.label("case_kind"), case.c.status.label("case_status"))
_COLUMNS = (
    *_NAMES,
    case.c.version.label("case_version"),
    case.c.power_item,
    case.c.applicant_name,
    case.c.definition_id,
    case.c.item_version,
    case.c.due_at.label("case_due_at"),
    case.c.actors,
    power_item.c.name_zh.label("item_name_zh"),
    power_item.c.name_en.label("item_name_en"),
    process_definition.c.name_zh.label("definition_name_zh"),
    process_definition.c.name_en.label("definition_name_en"),
    person.c.name.label("assignee_name"),
    _DUE,
    *(c for c in user_task.c if c.name not in ("id", "answers", "draft")),
)


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A task in a list. `excluded`: separation of roles keeps this person from it, whatever the post."""

    id: str
    case_number: str
    case_kind: str
    case_status: str
    case_due_at: datetime | None
    power_item: str | None
    item_name_zh: str
    item_name_en: str
    applicant_name: str
    element_id: str
    name_zh: str
    name_en: str
    post: str
    department: str
    status: str
    assignee: PersonRef | None
    claimed_at: datetime | None
    entered_at: datetime
    earliest_at: datetime | None
    due_at: datetime | None
    officers: int
    signed: bool
    halts: bool
    completed_at: datetime | None
    excluded: bool


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """`status` None is open. `due_before` leaves what is due later or never; `q` searches number, applicant and item.

    `colour` keeps tasks whose case has an alarm of that colour that is not closed.
    """

    view: str = "mine"
    status: str | None = None
    power_item: str | None = None
    due_before: datetime | None = None
    case: str | None = None
    element_id: str | None = None
    colour: str | None = None
    q: str | None = None


def list_work(connection: Connection, actor: Actor, wanted: WorkFilter, asked: Asked = FIRST_PAGE) -> Page[WorkRow]:
    """The tasks of one view.

    `mine`: claimed by this person, or done by them for another status. `claimable`: free, of a post that they hold, in
    a case that is not halted. `to_sign`: another officer has it and it wants a second signature. `department`: every
    task of the departments whose cases they read.
    """
    where = _conditions(actor, wanted)
    total = connection.execute(_joined(func.count()).where(*where)).scalar_one()
    statement = _joined(*_COLUMNS).where(*where)
    if (after := asked.after(int, str)) is not None:
        statement = statement.where(_behind(after))
    rows = connection.execute(statement.order_by(_DUE, user_task.c.id).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, _key, lambda row: _view(row, actor))


def _joined(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(user_task)
        .join(case, case.c.id == user_task.c.case_id)
        .outerjoin(
            power_item, and_(power_item.c.code == case.c.power_item, power_item.c.version == case.c.item_version)
        )
        .outerjoin(person, person.c.id == user_task.c.assignee)
        .join(process_definition, process_definition.c.id == case.c.definition_id)
    )


def _key(row: Row[Any]) -> list[Any]:
    return [microseconds(row.order_at), row.id]


def _behind(after: list[Any]) -> ColumnElement[bool]:
    due = literal(instant(after[0]), Instant)
    order_at = func.coalesce(user_task.c.due_at, literal(FAR, Instant))
    return or_(order_at > due, and_(order_at == due, user_task.c.id > after[1]))


def _conditions(actor: Actor, wanted: WorkFilter) -> list[ColumnElement[bool]]:
    status = wanted.status or "open"
    where = [user_task.c.status == status, *_VIEW_CONDITIONS[wanted.view](actor, status)]
    if wanted.power_item is not None:
        where.append(case.c.power_item == wanted.power_item)
    if wanted.due_before is not None:
        where.append(user_task.c.due_at < wanted.due_before)
    if wanted.case is not None:
        where.append(case.c.number == wanted.case)
    if wanted.element_id is not None:
        where.append(user_task.c.element_id == wanted.element_id)
    if wanted.colour is not None:
        open_ones = (alarm.c.case_id == case.c.id, alarm.c.colour == wanted.colour, alarm.c.status != "closed")
        where.append(exists().where(*open_ones))
    if wanted.q:
        where.append(_found_by(wanted.q.strip()))
    return where


def _found_by(text: str) -> ColumnElement[bool]:
    pattern = contains(text)
    columns = (case.c.number, case.c.applicant_name, power_item.c.name_zh, power_item.c.name_en)
    return or_(*(column.ilike(pattern, escape="\\") for column in columns))


def _mine(actor: Actor, status: str) -> list[ColumnElement[bool]]:
    if status != "open":
        return [user_task.c.completed_by == actor.person_id]
    lent = [user_task.c.id.in_(sorted(actor.lent_tasks))] if actor.lent_tasks else []
    return [or_(user_task.c.assignee == actor.person_id, *lent)]


def _of_post(actor: Actor) -> ColumnElement[bool]:
    """Tasks of a post that the person holds or was lent, in its department unless the post serves the county."""
    holdings = {(h.post, None if h.post in COUNTY_POSTS else h.department) for h in actor.holdings}
    ways = [
        user_task.c.post == post if place is None else and_(user_task.c.post == post, user_task.c.department == place)
        for post, place in sorted(holdings, key=str)
    ]
    return or_(false(), *ways)


def _claimable(actor: Actor, _status: str) -> list[ColumnElement[bool]]:
    running = or_(case.c.status == "open", and_(case.c.status == "halted", user_task.c.halts.is_(True)))
    return [user_task.c.assignee.is_(None), _of_post(actor), _named(actor), running]


def _named(actor: Actor) -> ColumnElement[bool]:
    """Tasks of persons who were drawn are theirs alone."""
    return or_(user_task.c.named.is_(None), user_task.c.named.contains(f",{actor.person_id},", autoescape=True))


def _to_sign(actor: Actor, _status: str) -> list[ColumnElement[bool]]:
    taken = and_(user_task.c.assignee.is_not(None), user_task.c.assignee != actor.person_id)
    return [user_task.c.officers >= 2, user_task.c.signed_by.is_(None), taken, _of_post(actor), _named(actor)]


def _department(actor: Actor, _status: str) -> list[ColumnElement[bool]]:
    orders = and_(case.c.kind == "order", visible(departments_of_alarms(actor)))
    return [or_(and_(case.c.kind != "order", visible(departments_of_cases(actor))), orders)]


_VIEW_CONDITIONS: Final[Mapping[str, Callable[[Actor, str], list[ColumnElement[bool]]]]] = {
    "mine": _mine,
    "claimable": _claimable,
    "to_sign": _to_sign,
    "department": _department,
}


def _excluded(row: Row[Any], actor: Actor) -> bool:
    """Whether every holding that fits is kept from the task by what was done on the case before."""
    ways = list(actor.holdings_for(row.post, row.department))
    return bool(ways) and all(
        group_conflict(row.separation_group, [actor.person_id, *_principal(h)], row.actors or {}) for h in ways
    )


def _principal(holding: Holding) -> list[int]:
    return [] if holding.principal_id is None else [holding.principal_id]


def _view(row: Row[Any], actor: Actor) -> WorkRow:
    return WorkRow(
        id=row.id,
        case_number=row.number,
        case_kind=row.case_kind,
        case_status=row.case_status,
        case_due_at=row.case_due_at,
        power_item=row.power_item,
        item_name_zh=row.item_name_zh or _own_name(row, "zh"),
        item_name_en=row.item_name_en or _own_name(row, "en"),
        applicant_name=row.applicant_name,
        element_id=row.element_id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        post=row.post,
        department=row.department,
        status=row.status,
        assignee=person_ref(row.assignee, row.assignee_name),
        claimed_at=row.claimed_at,
        entered_at=row.entered_at,
        earliest_at=row.earliest_at,
        due_at=row.due_at,
        officers=row.officers,
        signed=row.signed_by is not None,
        halts=row.halts,
        completed_at=row.completed_at,
        excluded=_excluded(row, actor),
    )


def _own_name(row: Row[Any], language: str) -> str:
    """What a case that follows no item is called: an order by its subject, others by their diagram."""
    own = row.applicant_name if row.case_kind == "order" else getattr(row, f"definition_name_{language}")
    return str(own)
