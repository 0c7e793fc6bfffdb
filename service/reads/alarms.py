"""Alarms as supervision and the office read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.engine import Row

from service.alarms.rule_book import post_that_acts
from service.database.tables import alarm, case, order_alarm, person, supervision_order
from service.people.actor import Actor
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of
from service.reads.visibility import departments_of_alarms, departments_of_cases, sent_to, visible

_ORDER = case.alias("order_case")
_ASSIGNED = person.alias("assigned_person")
_COLUMNS = (
    *alarm.c,
    case.c.number.label("case_number"),
    case.c.kind.label("case_kind"),
    person.c.name.label("person_name"),
    _ORDER.c.number.label("order_number"),
    _ASSIGNED.c.name.label("assigned_name"),
)
_JOINED = (
    select(*_COLUMNS)
    .outerjoin(case, case.c.id == alarm.c.case_id)
    .outerjoin(person, person.c.id == alarm.c.person_id)
    .outerjoin(order_alarm, order_alarm.c.alarm_id == alarm.c.id)
    .outerjoin(_ORDER, _ORDER.c.id == order_alarm.c.order_case_id)
    .outerjoin(_ASSIGNED, _ASSIGNED.c.id == alarm.c.assigned_to)
)
_SENT = select(supervision_order.c.case_id).join(
    order_alarm, order_alarm.c.order_case_id == supervision_order.c.case_id
)
ALARMS_OF_CASE = _JOINED.where(alarm.c.case_id == bindparam("case_id"))
_ONE = _JOINED.where(alarm.c.id == bindparam("alarm_id"))


@dataclass(frozen=True, slots=True)
class AlarmView:
    """`act_post`: the post that must act on it, `act_by`: until when; `evidence`: the rows that the rule saw.

    `case_number` is None where it belongs to no case, or to many; `result` confirmed, excused or false.
    """

    id: int
    kind: str
    colour: str
    status: str
    case_number: str | None
    department: str
    element_id: str | None
    subject: str
    rule: str
    rule_version: int
    raised_at: datetime
    act_by: datetime | None
    closed_at: datetime | None
    ground: str | None
    summary_zh: str
    summary_en: str
    evidence: tuple[Mapping[str, Any], ...]
    person: Mapping[str, Any] | None
    order_number: str | None
    cause: str | None
    result: str | None
    result_at: datetime | None
    assigned_to: str | None
    act_post: str | None


def _view(row: Row[Any]) -> AlarmView:
    person_ref = {"id": row.person_id, "name": row.person_name} if row.person_id is not None else None
    return AlarmView(
        row.id,
        row.kind,
        row.colour,
        row.status,
        row.case_number,
        row.department,
        row.element_id,
        row.subject,
        row.rule,
        row.rule_version,
        row.raised_at,
        row.act_by,
        row.closed_at,
        row.ground,
        row.summary_zh,
        row.summary_en,
        _rows(row.evidence),
        person_ref,
        row.order_number,
        row.cause,
        row.result,
        row.result_at,
        row.assigned_name,
        post_that_acts(row.kind, row.colour, row.element_id) if row.status != "closed" else None,
    )


def _rows(evidence: Any) -> tuple[Mapping[str, Any], ...]:
    """Alarms of before the first of a rule that sees many rows kept their only one bare."""
    if isinstance(evidence, Mapping):
        return (evidence,) if evidence else ()
    return tuple(evidence)


def alarms_view(rows: Iterable[Any]) -> tuple[AlarmView, ...]:
    return tuple(_view(row) for row in sorted(rows, key=attrgetter("id")))


def read_alarm(connection: Connection, actor: Actor, alarm_id: int) -> AlarmView | None:
    """One alarm; None if there is none that this person may see.

    Who may read the case may read its alarms. One of no case, or of an order, is for supervision, for whom it concerns
    and for the handler to whom an order about it was sent.
    """
    row = connection.execute(_ONE, {"alarm_id": alarm_id}).one_or_none()
    return _view(row) if row is not None and _reads(connection, actor, row) else None


def _reads(connection: Connection, actor: Actor, row: Row[Any]) -> bool:
    for departments in (
        departments_of_alarms(actor),
        departments_of_cases(actor) if row.case_kind not in (None, "order") else (),
    ):
        if departments is None or row.department in departments:
            return True
    if row.person_id == actor.person_id:
        return True
    asked = _SENT.where(order_alarm.c.alarm_id == row.id, sent_to(actor))
    return row.order_number is not None and connection.execute(asked).first() is not None


@dataclass(frozen=True, slots=True)
class AlarmFilter:
    kind: str | None = None
    colour: str | None = None
    status: str | None = None
    department: str | None = None
    case: str | None = None
    rule: str | None = None
    # Those that were given to the person who asks.
    mine: bool = False


def list_alarms(
    connection: Connection, actor: Actor, wanted: AlarmFilter, asked: Asked = FIRST_PAGE
) -> Page[AlarmView]:
    """Alarms of the departments that this person supervises, the newest first."""
    statement = _filtered(_JOINED, actor, wanted)
    total = connection.execute(
        _filtered(select(func.count()).select_from(alarm).outerjoin(case, case.c.id == alarm.c.case_id), actor, wanted)
    ).scalar_one()
    if (after := asked.after(int)) is not None:
        statement = statement.where(alarm.c.id < after[0])
    rows = connection.execute(statement.order_by(alarm.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.id], _view)


def _filtered(statement: Select[Any], actor: Actor, wanted: AlarmFilter) -> Select[Any]:
    statement = statement.where(visible(departments_of_alarms(actor), alarm.c.department))
    for column, value in (
        (alarm.c.kind, wanted.kind),
        (alarm.c.colour, wanted.colour),
        (alarm.c.status, wanted.status),
        (alarm.c.department, wanted.department),
        (case.c.number, wanted.case),
        (alarm.c.rule, wanted.rule),
        (alarm.c.assigned_to, actor.person_id if wanted.mine else None),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return statement
