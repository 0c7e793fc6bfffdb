"""Hours of the county and of its windows, with what was changed when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import Row

from service.database.tables import department, office_change, office_window, person, setting
from service.reads.calendar import USUAL_HOURS
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

KIND = "office_hours_changed"
_FIRST = select(setting.c.content).where(setting.c.name == "office_hours")
_WINDOWS = (
    select(office_window, department.c.name_zh, department.c.name_en)
    .outerjoin(department, department.c.code == office_window.c.department)
    .order_by(office_window.c.department, office_window.c.place, office_window.c.effective_on)
)
_CHANGES = (
    select(office_change, person.c.name.label("actor_name"))
    .outerjoin(person, person.c.id == office_change.c.actor)
    .where(office_change.c.kind == KIND)
)


@dataclass(frozen=True, slots=True)
class WindowHours:
    """Hours that hold from a day on; `effective_on` None are those with which the county began."""

    department: str
    department_name_zh: str
    department_name_en: str
    place: str
    items: tuple[str, ...]
    effective_on: date | None
    hours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoursChange:
    id: int
    at: datetime
    actor: str | None
    reason: str
    department: str
    place: str
    effective_on: date
    before: tuple[str, ...]
    hours: tuple[str, ...]


def list_office_hours(connection: Connection) -> list[WindowHours]:
    """The county's first, then window by window, each in order of the days."""
    first = tuple(connection.execute(_FIRST).scalar_one_or_none() or USUAL_HOURS)
    rows = connection.execute(_WINDOWS).all()
    return [WindowHours("", "全县", "The county", "", (), None, first), *map(_window, rows)]


def list_hours_changes(connection: Connection, asked: Asked = FIRST_PAGE) -> Page[HoursChange]:
    """The newest first."""
    total = connection.execute(select(func.count()).select_from(_CHANGES.subquery())).scalar_one()
    query = _CHANGES.order_by(office_change.c.id.desc()).limit(asked.limit + 1)
    if (after := asked.after(int)) is not None:
        query = query.where(office_change.c.id < after[0])
    return page_of(connection.execute(query).all(), total, asked, lambda row: [row.id], _change)


def _window(row: Row[Any]) -> WindowHours:
    return WindowHours(
        row.department,
        row.name_zh or "全县",
        row.name_en or "The county",
        row.place,
        tuple(row.power_items),
        row.effective_on,
        tuple(row.hours),
    )


def _change(row: Row[Any]) -> HoursChange:
    after: Any = row.after
    return HoursChange(
        row.id,
        row.at,
        row.actor_name,
        row.reason,
        after["department"],
        after["place"],
        date.fromisoformat(after["effective_on"]),
        tuple((row.before or {}).get("hours", ())),
        tuple(after["hours"]),
    )
