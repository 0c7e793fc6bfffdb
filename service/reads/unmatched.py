"""Payments that belong to no notice, as cashiers and those who look after the installation read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select
from sqlalchemy.engine import Row

from service.database.tables import case, person, unmatched_payment
from service.people.actor import Actor
from service.people.permissions import PERMISSIONS, may
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

_TABLE = unmatched_payment
_JOINED = (
    select(_TABLE, case.c.number.label("case_number"), person.c.name.label("settled_by_name"))
    .outerjoin(case, case.c.id == _TABLE.c.case_id)
    .outerjoin(person, person.c.id == _TABLE.c.settled_by)
)


@dataclass(frozen=True, slots=True)
class UnmatchedView:
    """`why` is one of service.commands.unmatched.WHYS; `status` open or settled."""

    id: int
    pay_code: str
    bank_reference: str
    amount_fen: int
    paid_at: datetime
    received_at: datetime
    why: str
    case_number: str | None
    department: str | None
    status: str
    settled_at: datetime | None
    settled_by: str | None
    ground: str | None


def may_read_unmatched(actor: Actor) -> bool:
    return may(actor, "read_unmatched_payments_of_county") or may(actor, "read_unmatched_payments_of_department")


def list_unmatched(
    connection: Connection, actor: Actor, status: str | None = None, asked: Asked = FIRST_PAGE
) -> Page[UnmatchedView]:
    """Those of the person's departments and those of none, the newest first."""
    where = [*_visible(actor), *([_TABLE.c.status == status] if status else [])]
    total = connection.execute(select(func.count()).select_from(_TABLE).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(_TABLE.c.id < after[0])
    rows = connection.execute(_JOINED.where(*where).order_by(_TABLE.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.id], _view)


def _visible(actor: Actor) -> list[ColumnElement[bool]]:
    if may(actor, "read_unmatched_payments_of_county"):
        return []
    posts = PERMISSIONS["read_unmatched_payments_of_department"]
    places = sorted({held.department for held in actor.holdings if held.post in posts})
    return [or_(_TABLE.c.department.in_(places), _TABLE.c.department.is_(None))]


def _view(row: Row[Any]) -> UnmatchedView:
    return UnmatchedView(
        row.id,
        row.pay_code,
        row.bank_reference,
        row.amount_fen,
        row.paid_at,
        row.received_at,
        row.why,
        row.case_number,
        row.department,
        row.status,
        row.settled_at,
        row.settled_by_name,
        row.ground,
    )
