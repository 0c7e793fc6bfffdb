"""Differences between the treasury and the system, as the county and the departments read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, or_, select
from sqlalchemy.engine import Row

from service.database.tables import (
    case,
    difference_act,
    order_alarm,
    person,
    treasury_difference,
    treasury_receipt,
)
from service.people.actor import Actor
from service.people.permissions import PERMISSIONS, may
from service.reads.paging import FIRST_PAGE, Asked, Page, bad_cursor, page_of

STATUSES = ("open", "explained", "entered_late", "off_system", "ordered", "cleared")
_TABLE = treasury_difference
_ORDER = case.alias("order_case")
_RECEIPT = tuple(
    treasury_receipt.c[name].label(f"receipt_{name}") for name in ("pay_code", "treasury_on", "bank", "kind", "note")
)
_JOINED = (
    select(_TABLE, case.c.number.label("case_number"), _ORDER.c.number.label("order_number"), *_RECEIPT)
    .outerjoin(case, case.c.id == _TABLE.c.case_id)
    .outerjoin(order_alarm, order_alarm.c.alarm_id == _TABLE.c.alarm_id)
    .outerjoin(_ORDER, _ORDER.c.id == order_alarm.c.order_case_id)
    .outerjoin(treasury_receipt, treasury_receipt.c.id == _TABLE.c.receipt_id)
)
_ONE = _JOINED.where(_TABLE.c.id == bindparam("id"))
_TRAIL = (
    select(difference_act, person.c.name.label("person_name"))
    .outerjoin(person, person.c.id == difference_act.c.person_id)
    .where(difference_act.c.difference_id == bindparam("id"))
    .order_by(difference_act.c.id)
)


_EVIDENCE = select(difference_act).where(
    difference_act.c.id == bindparam("id"), difference_act.c.difference_id == bindparam("difference_id")
)


@dataclass(frozen=True, slots=True)
class DifferenceFilter:
    """`item` a charged item's code or a power item's; months as 2026-03; `kinds` classes D1 to D10."""

    department: str | None = None
    item: str | None = None
    first_month: str | None = None
    last_month: str | None = None
    kinds: tuple[str, ...] = ()
    status: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiptOfDifference:
    """The treasury's receipt; `pay_code` as it tells it."""

    receipt_no: str
    pay_code: str
    treasury_on: date | None
    bank: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """One of D1 to D10. `on` is the day of the money, or of the notice where none came; `status` one of STATUSES."""

    id: int
    kind: str
    amount_fen: int
    department: str
    item_code: str
    power_item: str
    month: str
    on: date
    payer: str
    pay_code: str
    receipt_no: str
    status: str
    found_at: datetime
    cleared_at: datetime | None
    case_number: str | None
    order_number: str | None
    receipt_id: int | None
    receipt: ReceiptOfDifference | None


@dataclass(frozen=True, slots=True)
class TrailRow:
    """What was said or decided, or what a comparison changed (`person` None)."""

    at: datetime
    person: str | None
    act: str
    reason: str
    evidence: str
    id: int = 0
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    digest: str
    name: str
    media_type: str
    size: int


def departments_of_differences(actor: Actor) -> frozenset[str] | None:
    """Departments whose differences the person reads; None is all of them, those of no department too."""
    if may(actor, "read_differences_of_county"):
        return None
    posts = PERMISSIONS["read_differences_of_department"]
    return frozenset(h.department for h in actor.holdings if h.post in posts)


def list_differences(
    connection: Connection, actor: Actor, wanted: DifferenceFilter, asked: Asked = FIRST_PAGE
) -> Page[DifferenceView]:
    """Those that the person may read, the newest day first."""
    where = [*_visible(actor), *_wanted(wanted)]
    total = connection.execute(select(func.count()).select_from(_TABLE).where(*where)).scalar_one()
    query: Select[Any] = _JOINED.where(*where)
    if (after := asked.after(str, int)) is not None:
        on, last = _day(after[0]), after[1]
        query = query.where(or_(_TABLE.c.on_day < on, (_TABLE.c.on_day == on) & (_TABLE.c.id < last)))
    rows = connection.execute(query.order_by(_TABLE.c.on_day.desc(), _TABLE.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.on_day.isoformat(), row.id], _view)


def open_ids(connection: Connection, actor: Actor, wanted: DifferenceFilter, most: int) -> list[int]:
    """The largest of those that nobody has decided on."""
    where = [*_visible(actor), *_wanted(replace(wanted, status="open"))]
    asked = select(_TABLE.c.id).where(*where).order_by(_TABLE.c.amount_fen.desc(), _TABLE.c.id).limit(most)
    return list(connection.execute(asked).scalars())


def read_difference(connection: Connection, actor: Actor, difference_id: int) -> DifferenceView | None:
    """One; None if there is none that this person may read."""
    row = connection.execute(_ONE.where(*_visible(actor)), {"id": difference_id}).one_or_none()
    return None if row is None else _view(row)


def trail_of(connection: Connection, difference_id: int) -> tuple[TrailRow, ...]:
    """What people and comparisons have done about it, the first first."""
    return tuple(
        TrailRow(row.at, row.person_name, row.act, row.reason, row.evidence, row.id, row.file_name)
        for row in connection.execute(_TRAIL, {"id": difference_id})
    )


def evidence_of(connection: Connection, actor: Actor, difference_id: int, act_id: int) -> EvidenceFile | None:
    """The paper of an act on a difference that this person may read."""
    if read_difference(connection, actor, difference_id) is None:
        return None
    row = connection.execute(_EVIDENCE, {"id": act_id, "difference_id": difference_id}).one_or_none()
    if row is None or row.file_digest is None:
        return None
    return EvidenceFile(row.file_digest, row.file_name, row.file_type, row.file_size)


def _visible(actor: Actor) -> list[ColumnElement[bool]]:
    seen = departments_of_differences(actor)
    return [] if seen is None else [_TABLE.c.department.in_(sorted(seen))]


def _wanted(wanted: DifferenceFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.department is not None:
        found.append(_TABLE.c.department == wanted.department)
    if wanted.item is not None:
        found.append(or_(_TABLE.c.item_code == wanted.item, _TABLE.c.power_item == wanted.item))
    if wanted.first_month is not None:
        found.append(_TABLE.c.month >= wanted.first_month)
    if wanted.last_month is not None:
        found.append(_TABLE.c.month <= wanted.last_month)
    if wanted.kinds:
        found.append(_TABLE.c.kind.in_(wanted.kinds))
    if wanted.status == "cleared":
        found.append(_TABLE.c.cleared_at.is_not(None))
    elif wanted.status is not None:
        found += [_TABLE.c.status == wanted.status, _TABLE.c.cleared_at.is_(None)]
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_cursor() from None


def _view(row: Row[Any]) -> DifferenceView:
    receipt = None
    if row.receipt_id is not None:
        receipt = ReceiptOfDifference(
            row.receipt_no,
            row.receipt_pay_code,
            row.receipt_treasury_on,
            row.receipt_bank,
            row.receipt_kind,
            row.receipt_note,
        )
    return DifferenceView(
        row.id,
        row.kind,
        row.amount_fen,
        row.department,
        row.item_code,
        row.power_item,
        row.month,
        row.on_day,
        row.payer,
        row.pay_code,
        row.receipt_no,
        row.status if row.cleared_at is None else "cleared",
        row.found_at,
        row.cleared_at,
        row.case_number,
        row.order_number,
        row.receipt_id,
        receipt,
    )
