"""Leave: one's own, and of those for whom one may enter it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.engine import Row

from service.database.tables import leave, person
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

_STAND_IN, _BY = person.alias("stand_in_person"), person.alias("entered_by_person")
_ROWS = (
    select(
        leave,
        person.c.name.label("person_name"),
        person.c.department,
        _STAND_IN.c.name.label("stand_in_name"),
        _BY.c.name.label("entered_by_name"),
    )
    .join(person, person.c.id == leave.c.person_id)
    .join(_BY, _BY.c.id == leave.c.entered_by)
    .outerjoin(_STAND_IN, _STAND_IN.c.id == leave.c.stand_in)
)


@dataclass(frozen=True, slots=True)
class LeaveView:
    """`state` is to_come, away or ended; `ends_at` the first instant after the last day."""

    id: int
    person_id: int
    person: str
    department: str
    stand_in: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    entered_by: str
    ended_at: datetime | None
    state: str


def list_leaves(connection: Connection, actor: Actor, now: datetime, asked: Asked = FIRST_PAGE) -> Page[LeaveView]:
    """The newest first: one's own, and those of the department or the county that one may enter."""
    query = _ROWS.where(or_(leave.c.person_id == actor.person_id, *_others(actor)))
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    query = query.order_by(leave.c.id.desc()).limit(asked.limit + 1)
    if (after := asked.after(int)) is not None:
        query = query.where(leave.c.id < after[0])
    rows = connection.execute(query).all()
    return page_of(rows, total, asked, lambda row: [row.id], lambda row: _view(row, now))


def read_leave(connection: Connection, leave_id: int, now: datetime) -> LeaveView:
    """One that is known to be there."""
    return _view(connection.execute(_ROWS.where(leave.c.id == leave_id)).one(), now)


def _others(actor: Actor) -> list[Any]:
    if may(actor, "grant_posts"):
        return [leave.c.id.is_not(None)]
    departments = {h.department for h in actor.holdings if may(actor, "enter_leave", h.department)}
    return [person.c.department.in_(sorted(departments))] if departments else []


def _view(row: Row[Any], now: datetime) -> LeaveView:
    ended = row.ended_at is not None or row.ends_at <= now
    return LeaveView(
        row.id,
        row.person_id,
        row.person_name,
        row.department,
        row.stand_in_name,
        row.starts_at,
        row.ends_at,
        row.reason,
        row.entered_by_name,
        row.ended_at,
        "ended" if ended else "away" if row.starts_at <= now else "to_come",
    )
