"""The history of the calendar: who changed which days and why, and how far the limits are counted anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.engine import Row

from service.database.tables import office_change, outbox, person
from service.reads.calendar import DayChange
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

KINDS = ("calendar_changed", "calendar_noticed")
RECOUNTS = ("recount_limits", "recount_case")
_CHANGES = (
    select(office_change, person.c.name.label("actor_name"))
    .outerjoin(person, person.c.id == office_change.c.actor)
    .where(office_change.c.kind.in_(KINDS))
)
_WAITING = select(func.count()).where(
    outbox.c.kind.in_(bindparam("kinds", expanding=True)), outbox.c.state == bindparam("state")
)


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """One day before and after; None is an ordinary day."""

    day: date
    before: DayChange | None
    after: DayChange | None


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """`notice` is the year whose State Council notice it was."""

    id: int
    at: datetime
    actor: str | None
    reason: str
    notice: int | None
    days: tuple[ChangedDay, ...]


@dataclass(frozen=True, slots=True)
class Recounting:
    """Messages that still wait to count limits anew, and those that failed for good."""

    waiting: int
    failed: int


def list_calendar_changes(connection: Connection, asked: Asked = FIRST_PAGE) -> Page[CalendarChange]:
    """The newest first."""
    total = connection.execute(select(func.count()).select_from(_CHANGES.subquery())).scalar_one()
    query = _CHANGES.order_by(office_change.c.id.desc()).limit(asked.limit + 1)
    if (after := asked.after(int)) is not None:
        query = query.where(office_change.c.id < after[0])
    return page_of(connection.execute(query).all(), total, asked, lambda row: [row.id], _view)


def read_calendar_change(connection: Connection, change_id: int) -> CalendarChange:
    """One change that is known to be there."""
    return _view(connection.execute(_CHANGES.where(office_change.c.id == change_id)).one())


def read_recounting(connection: Connection) -> Recounting:
    """How far the worker is."""
    waiting, failed = (
        connection.execute(_WAITING, {"kinds": RECOUNTS, "state": state}).scalar_one() for state in (0, 2)
    )
    return Recounting(waiting, failed)


def _view(row: Row[Any]) -> CalendarChange:
    before, after = (_days(content) for content in (row.before, row.after))
    days = tuple(ChangedDay(date.fromisoformat(day), before.get(day), after[day]) for day in sorted(after))
    notice = int(row.subject.partition("/")[2]) if row.kind == "calendar_noticed" else None
    return CalendarChange(row.id, row.at, row.actor_name, row.reason, notice, days)


def _days(content: Mapping[str, Any] | None) -> dict[str, DayChange | None]:
    found = (content or {}).get("days", {})
    return {day: None if said is None else DayChange(said["kind"], said["name"]) for day, said in found.items()}
