"""Supervision orders: each is a case of its own, about another; its ladder, its messages, its alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select
from sqlalchemy.engine import Row

from service.database.tables import alarm, case, order_alarm, person, supervision_order, user_task
from service.people.actor import Actor
from service.reads.alarms import AlarmView, read_alarm
from service.reads.case_parts import TaskSummary, tasks_of_case
from service.reads.case_values import Caches
from service.reads.notices import NoticeRow, notices_of_case
from service.reads.order_extensions import ExtensionView, extensions_of
from service.reads.paging import FIRST_PAGE, Asked, Page, instant, microseconds, page_of
from service.reads.visibility import departments_of_alarms, sent_to, visible
from service.working_time import WorkingCalendar

_ABOUT = case.alias("about_case")
_EARLIER, _LATER = case.alias("earlier_order"), case.alias("later_order")
_HANDLER = person.alias("handler")
_AGAIN = supervision_order.alias("opened_again")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """督办单. `rung` as in DOMAIN section 5: 2 level 1, 3 level 2, 4 control centre and head.

    `source` says where it comes from, `issued_by` who issued it where a person did; `reopens` and `reopened_as` are
    the numbers of the order that it opens again, and of the one that opens it again.
    """

    case_id: int
    number: str
    about_case: str | None
    department: str
    rung: int
    status: str
    demand: str
    opened_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    version: int
    source: str
    issued_by: str | None
    reopens: str | None
    reopened_as: str | None
    handler: str | None = None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with what it is about and what has been said on each rung. Its acts are user tasks of its own case."""

    row: OrderRow
    alarms: tuple[AlarmView, ...]
    messages: tuple[NoticeRow, ...]
    user_tasks: tuple[TaskSummary, ...]
    steps_done: tuple[TaskSummary, ...]
    extensions: tuple[ExtensionView, ...]


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """`due`: orders of which the step that is owed now is due within that span, without one bound for None."""

    rung: int | None = None
    status: str | None = None
    department: str | None = None
    case: str | None = None
    due: DueSpan | None = None


@dataclass(frozen=True, slots=True)
class DueSpan:
    begins: datetime | None
    ends: datetime | None


# By the limit: what is late, what is due by the end of the day, and what has longer.
DUE_SPANS = ("late", "today", "later")


def due_span(name: str, calendar: WorkingCalendar, now: datetime) -> DueSpan:
    """The span of one of `DUE_SPANS`, as things stand now."""
    tomorrow = datetime.combine(calendar.local_date(now) + timedelta(days=1), time(), calendar.zone)
    return {"late": DueSpan(None, now), "today": DueSpan(now, tomorrow), "later": DueSpan(tomorrow, None)}[name]


def list_orders(connection: Connection, actor: Actor, wanted: OrderFilter, asked: Asked = FIRST_PAGE) -> Page[OrderRow]:
    """Orders of the departments that this person supervises, the newest first; by their limit the soonest due first."""
    total = connection.execute(_filtered(_joined(func.count()), actor, wanted)).scalar_one()
    statement = _filtered(_joined(*_COLUMNS), actor, wanted)
    if wanted.due is not None:
        return _by_limit(connection, statement, total, asked)
    if (after := asked.after(int)) is not None:
        statement = statement.where(case.c.id < after[0])
    rows = connection.execute(statement.order_by(case.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.case_id], _row)


def _by_limit(connection: Connection, statement: Select[Any], total: int, asked: Asked) -> Page[OrderRow]:
    if (after := asked.after(int, int)) is not None:
        due_at, case_id = instant(after[0]), after[1]
        statement = statement.where(or_(_DUE > due_at, and_(_DUE == due_at, case.c.id > case_id)))
    rows = connection.execute(statement.order_by(_DUE, case.c.id).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [microseconds(row.due_at), row.case_id], _row)


def read_order(connection: Connection, caches: Caches, actor: Actor, number: str) -> OrderView | None:
    """One order; None if there is none that this person may see."""
    row = connection.execute(
        _filtered(_joined(*_COLUMNS, case.c.definition_id), actor, OrderFilter()).where(case.c.number == number)
    ).one_or_none()
    if row is None:
        return None
    ids = connection.execute(
        select(order_alarm.c.alarm_id)
        .where(order_alarm.c.order_case_id == row.case_id)
        .order_by(alarm.c.id)
        .join(alarm)
    ).scalars()
    alarms = [found for alarm_id in ids.all() if (found := read_alarm(connection, actor, alarm_id)) is not None]
    tasks = tasks_of_case(connection, row.case_id, caches.bundles.get(connection, row.definition_id))
    return OrderView(
        _row(row),
        tuple(alarms),
        notices_of_case(connection, row.case_id),
        tuple(task for task in tasks if task.status == "open"),
        tuple(task for task in tasks if task.status != "open"),
        extensions_of(connection, row.case_id),
    )


# An order is due when the step that somebody owes now is due.
_DUE = (
    select(func.min(user_task.c.due_at))
    .where(user_task.c.case_id == supervision_order.c.case_id, user_task.c.status == "open")
    .correlate(supervision_order)
    .scalar_subquery()
)
_COLUMNS = (
    supervision_order,
    case.c.number,
    _DUE.label("due_at"),
    case.c.version,
    _ABOUT.c.number.label("about_number"),
    person.c.name.label("issuer_name"),
    _HANDLER.c.name.label("handler_name"),
    _EARLIER.c.number.label("reopens_number"),
    _LATER.c.number.label("reopened_number"),
)


def _joined(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(supervision_order)
        .join(case, case.c.id == supervision_order.c.case_id)
        .outerjoin(_ABOUT, _ABOUT.c.id == supervision_order.c.about_case_id)
        .outerjoin(person, person.c.id == supervision_order.c.issued_by)
        .outerjoin(_HANDLER, _HANDLER.c.id == supervision_order.c.handler_id)
        .outerjoin(_EARLIER, _EARLIER.c.id == supervision_order.c.reopens)
        .outerjoin(_AGAIN, _AGAIN.c.reopens == supervision_order.c.case_id)
        .outerjoin(_LATER, _LATER.c.id == _AGAIN.c.case_id)
    )


def _filtered(statement: Select[Any], actor: Actor, wanted: OrderFilter) -> Select[Any]:
    seen = visible(departments_of_alarms(actor), supervision_order.c.department)
    statement = statement.where(or_(seen, sent_to(actor)))
    for column, value in (
        (supervision_order.c.rung, wanted.rung),
        (supervision_order.c.status, wanted.status),
        (supervision_order.c.department, wanted.department),
        (_ABOUT.c.number, wanted.case),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.due is not None:
        bounds = ((wanted.due.begins, _DUE.__ge__), (wanted.due.ends, _DUE.__lt__))
        statement = statement.where(_DUE.is_not(None), *(holds(at) for at, holds in bounds if at is not None))
    return statement


def _row(row: Row[Any]) -> OrderRow:
    return OrderRow(
        row.case_id,
        row.number,
        row.about_number,
        row.department,
        row.rung,
        row.status,
        row.demand,
        row.opened_at,
        row.due_at,
        row.answered_at,
        row.closed_at,
        row.version,
        row.source,
        row.issuer_name,
        row.reopens_number,
        row.reopened_number,
        row.handler_name,
    )
