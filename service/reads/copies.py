"""Copies to read (抄送): those that one person received, and who received one of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select
from sqlalchemy.engine import Row

from service.database.tables import case, case_copy, case_reader, person, power_item
from service.people.actor import Actor
from service.reads.case_parts import PersonRef
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

STATES = ("unread", "read")
_READER, _SENDER = person.alias("reader"), person.alias("sender")
_STATE = {"unread": case_copy.c.read_at.is_(None), "read": case_copy.c.read_at.is_not(None)}
_OWN = case_copy.c.person_id == bindparam("person_id")
_COUNT = select(func.count()).select_from(case_copy).where(_OWN)
_MINE = (
    select(
        case_copy,
        _SENDER.c.name.label("sender_name"),
        case.c.number.label("case_number"),
        case.c.applicant_name,
        case.c.status.label("case_status"),
        case.c.outcome.label("case_outcome"),
        power_item.c.name_zh.label("item_name_zh"),
        power_item.c.name_en.label("item_name_en"),
    )
    .join(_SENDER, _SENDER.c.id == case_copy.c.sent_by)
    .join(case, case.c.id == case_copy.c.case_id)
    .outerjoin(power_item, and_(power_item.c.code == case.c.power_item, power_item.c.version == case.c.item_version))
    .where(_OWN)
)
_OF_CASE = (
    select(case_copy, _SENDER.c.name.label("sender_name"), _READER.c.name.label("reader_name"))
    .join(_SENDER, _SENDER.c.id == case_copy.c.sent_by)
    .join(_READER, _READER.c.id == case_copy.c.person_id)
    .where(case_copy.c.case_id == bindparam("case_id"))
    .order_by(case_copy.c.id)
)


_READERS = (
    select(
        case_reader,
        _SENDER.c.name.label("sender_name"),
        _READER.c.name.label("reader_name"),
        _READER.c.department,
    )
    .join(_SENDER, _SENDER.c.id == case_reader.c.granted_by)
    .join(_READER, _READER.c.id == case_reader.c.person_id)
    .where(case_reader.c.case_id == bindparam("case_id"))
    .order_by(case_reader.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class CaseReader:
    """Who reads the case without a right to it; `in_force` until its end or its taking back."""

    id: int
    person: PersonRef
    department: str
    granted_by: PersonRef
    granted_at: datetime
    reads_until: datetime
    reason: str
    ended_at: datetime | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class CopyOfCase:
    person: PersonRef
    sent_by: PersonRef
    sent_at: datetime
    note: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceivedCopy:
    id: int
    case_number: str
    case_status: str
    case_outcome: str | None
    item_name_zh: str
    item_name_en: str
    applicant_name: str
    sent_by: PersonRef
    sent_at: datetime
    note: str
    read_at: datetime | None


def copies_of_case(connection: Connection, case_id: int) -> tuple[CopyOfCase, ...]:
    rows = connection.execute(_OF_CASE, {"case_id": case_id})
    return tuple(
        CopyOfCase(
            PersonRef(row.person_id, row.reader_name),
            PersonRef(row.sent_by, row.sender_name),
            row.sent_at,
            row.note,
            row.read_at,
        )
        for row in rows
    )


def readers_of_case(connection: Connection, case_id: int, now: datetime) -> tuple[CaseReader, ...]:
    """Who was let read the case (授权阅件), the newest first."""
    return tuple(
        CaseReader(
            row.id,
            PersonRef(row.person_id, row.reader_name),
            row.department,
            PersonRef(row.granted_by, row.sender_name),
            row.granted_at,
            row.reads_until,
            row.reason,
            row.ended_at,
            row.ended_at is None and now < row.reads_until,
        )
        for row in connection.execute(_READERS, {"case_id": case_id})
    )


def list_copies(connection: Connection, actor: Actor, state: str, asked: Asked = FIRST_PAGE) -> Page[ReceivedCopy]:
    """One's own copies, the newest first."""
    where, bound = [_STATE[state]], {"person_id": actor.person_id}
    total = connection.execute(_COUNT.where(*where), bound).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(case_copy.c.id < after[0])
    statement = _MINE.where(*where).order_by(case_copy.c.id.desc()).limit(asked.limit + 1)
    return page_of(connection.execute(statement, bound).all(), total, asked, lambda row: [row.id], _received)


def copies_unread(connection: Connection, actor: Actor) -> int:
    """How many copies this person has not opened."""
    return int(connection.execute(_COUNT.where(_STATE["unread"]), {"person_id": actor.person_id}).scalar_one())


def _received(row: Row[Any]) -> ReceivedCopy:
    return ReceivedCopy(
        row.id,
        row.case_number,
        row.case_status,
        row.case_outcome,
        row.item_name_zh or "",
        row.item_name_en or "",
        row.applicant_name,
        PersonRef(row.sent_by, row.sender_name),
        row.sent_at,
        row.note,
        row.read_at,
    )
