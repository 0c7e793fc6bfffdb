"""Which cases have something due, and when the next thing falls due. Firing is a command."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select, update

from service.database.in_text import among, in_text
from service.database.rows import read_row, read_rows
from service.database.tables import case, due_row

ARMED, PAUSED, HELD_UP = 0, 1, 2
_ARMED = in_text(ARMED)

# While a case is halted or suspended, what would move its token waits, and what warns goes on (docs/architecture.md).
FIRES: ColumnElement[bool] = and_(
    due_row.c.state == _ARMED,
    or_(
        case.c.status == in_text("open"),
        and_(among(case.c.status, ("halted", "suspended")), due_row.c.role != in_text("move")),
    ),
)


class Place(NamedTuple):
    """Where a walk over the due rows stands."""

    due_at: datetime
    timer_id: str
    role: str


_AFTER = or_(
    due_row.c.due_at > bindparam("due_at"),
    and_(due_row.c.due_at == bindparam("due_at"), due_row.c.timer_id > bindparam("timer_id")),
    and_(
        due_row.c.due_at == bindparam("due_at"),
        due_row.c.timer_id == bindparam("timer_id"),
        due_row.c.role > bindparam("role"),
    ),
)
_FIRST = (
    select(due_row.c.case_id, due_row.c.due_at, due_row.c.timer_id, due_row.c.role)
    .join(case, case.c.id == due_row.c.case_id)
    .where(FIRES, due_row.c.due_at < bindparam("now"))
    .order_by(due_row.c.due_at, due_row.c.timer_id, due_row.c.role)
    .limit(bindparam("batch"))
    # SQLite's dialect binds an offset to every limit that has none.
    .offset(in_text(0))
)
_NEXT = _FIRST.where(_AFTER)
_NEXT_AT = (
    select(func.min(due_row.c.due_at))
    .join(case, case.c.id == due_row.c.case_id)
    .where(FIRES, due_row.c.due_at >= bindparam("after"))
)
_HAS_DUE = exists().where(
    due_row.c.case_id == case.c.id, due_row.c.state == _ARMED, due_row.c.due_at < bindparam("now")
)
_CLAIM = select(case.c.id).where(case.c.id == bindparam("case_id"), _HAS_DUE).with_for_update(of=case, skip_locked=True)
_HOLD_UP = (
    update(due_row)
    .where(due_row.c.case_id == bindparam("b_case_id"), due_row.c.state == _ARMED, due_row.c.due_at < bindparam("now"))
    .values(state=HELD_UP)
)
_REARM = (
    update(due_row).where(due_row.c.case_id == bindparam("b_case_id"), due_row.c.state == HELD_UP).values(state=ARMED)
)


def cases_due(
    connection: Connection, now: datetime, *, batch: int, after: Place | None = None
) -> tuple[list[int], Place | None]:
    """Up to `batch` due rows as their case ids, the longest due first; and where to go on, None at the end."""
    parameters = {"now": now, "batch": batch}
    if after is None:
        rows = read_rows(connection, _FIRST, parameters)
    else:
        rows = read_rows(connection, _NEXT, {**parameters, **after._asdict()})
    place = Place(rows[-1].due_at, rows[-1].timer_id, rows[-1].role) if len(rows) == batch else None
    return list(dict.fromkeys(row.case_id for row in rows)), place


def next_timer_at(connection: Connection, after: datetime) -> datetime | None:
    """When the next timer falls due, not before `after`; it fires strictly later than that instant."""
    found: tuple[datetime | None] = read_row(connection, _NEXT_AT, {"after": after}) or (None,)
    return found[0]


def claim(connection: Connection, case_id: int, now: datetime) -> bool:
    """Take a case that has something due, for this transaction; False if it has not, or if somebody else has the case.

    Workers that walk over the same rows so share them: nobody waits for anybody. The lock ends with the transaction,
    whatever becomes of it, and what was left is there at the next look. SQLite has one writer, who has every case.
    """
    return read_row(connection, _CLAIM, {"case_id": case_id, "now": now}) is not None


def hold_up(connection: Connection, case_id: int, now: datetime) -> int:
    """Take what is due on a case out of the sweep, until an incident on it is settled; how many rows that are."""
    return connection.execute(_HOLD_UP, {"b_case_id": case_id, "now": now}).rowcount


def rearm(connection: Connection, case_id: int) -> int:
    """Give what an incident held up on a case back to the sweep; how many rows that are."""
    return connection.execute(_REARM, {"b_case_id": case_id}).rowcount
