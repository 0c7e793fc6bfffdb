"""Who was told what, by which channel, and whether it arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, false, func, or_, select
from sqlalchemy.engine import Row

from service.database.tables import case, notice, person, supervision_order
from service.people.actor import Actor
from service.people.masking import mask_mobile
from service.people.permissions import PERMISSIONS, may
from service.people.secrecy import UNKNOWN_CALLER
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of
from service.reads.visibility import departments_of_cases, visible

# What leaves the county's own people: no number of an applicant is shown whole in a list.
_COLUMNS = (notice, case.c.number.label("case_number"), person.c.username)
_JOINED = (
    select(*_COLUMNS)
    .outerjoin(case, case.c.id == notice.c.case_id)
    .outerjoin(person, person.c.id == notice.c.recipient)
)
_OF_CASE = _JOINED.where(notice.c.case_id == bindparam("case_id")).order_by(notice.c.id)


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """`recipient` is the user name of a person of the county, None for an applicant. `receipt_at`: it arrived."""

    id: int
    case_number: str | None
    recipient: str | None
    recipient_name: str
    address: str
    channel: str
    kind: str
    text: str
    status: str
    created_at: datetime
    sent_at: datetime | None
    receipt_at: datetime | None
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """`case` reaches the supervision orders about that case too. `recipient` is a user name."""

    case: str | None = None
    recipient: str | None = None


def notices_of_case(connection: Connection, case_id: int) -> tuple[NoticeRow, ...]:
    return tuple(_row(row) for row in connection.execute(_OF_CASE, {"case_id": case_id}))


def list_notices(
    connection: Connection, actor: Actor, wanted: NoticeFilter, asked: Asked = FIRST_PAGE
) -> Page[NoticeRow]:
    """One's own notices, and those of cases that this person may supervise; the newest first."""
    where = _conditions(actor, wanted)
    total = connection.execute(
        select(func.count())
        .select_from(notice)
        .outerjoin(case, case.c.id == notice.c.case_id)
        .outerjoin(person, person.c.id == notice.c.recipient)
        .where(*where)
    ).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(notice.c.id < after[0])
    rows = connection.execute(_JOINED.where(*where).order_by(notice.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.id], _row)


def _conditions(actor: Actor, wanted: NoticeFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [or_(notice.c.recipient == actor.person_id, _supervised(actor))]
    if wanted.case is not None:
        where.append(or_(case.c.number == wanted.case, notice.c.case_id.in_(_orders_about(wanted.case))))
    if wanted.recipient is not None:
        where.append(person.c.username == wanted.recipient)
    return where


def _orders_about(number: str) -> Select[tuple[int]]:
    """What is sent about an order concerns the case that the order is about."""
    about = case.alias("about")
    return (
        select(supervision_order.c.case_id)
        .join(about, about.c.id == supervision_order.c.about_case_id)
        .where(about.c.number == number)
    )


def _supervised(actor: Actor) -> ColumnElement[bool]:
    """Level 1 reads what was sent in its department, level 2, the centre and the auditor all of it."""
    if not may(actor, "read_notices"):
        return false()
    county = any(h.post in PERMISSIONS["read_alarms_of_county"] for h in actor.holdings)
    return visible(None if county else departments_of_cases(actor))


def _address(row: Row[Any]) -> str:
    """No applicant's number is shown whole, and none at all of who wants to stay unknown."""
    if row.recipient is not None or not row.address:
        return str(row.address)
    return "***********" if row.recipient_name == UNKNOWN_CALLER else mask_mobile(row.address)


def _row(row: Row[Any]) -> NoticeRow:
    return NoticeRow(
        row.id,
        row.case_number,
        row.username,
        row.recipient_name,
        _address(row),
        row.channel,
        row.kind,
        row.text,
        row.status,
        row.created_at,
        row.sent_at,
        row.receipt_at,
        row.opened_at,
    )
