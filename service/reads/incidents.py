"""Incidents: acts and timers that failed by no fault of a person, for those who look after the machine.

They see the case's number, the step and the machine's words, nothing of what the case is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.engine import Row

from service.database.tables import case, due_row, incident, user_task
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of
from service.timers.due import HELD_UP


@dataclass(frozen=True, slots=True)
class Step:
    """A step that an incident concerns; the names are empty where the case never had a task of it."""

    element_id: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class IncidentView:
    """`during` is `act` or `timer`; `timers` counts what it holds up. `message` is the machine's own, in English.

    `times` counts how often the same has failed, from `at` on; `last_at` is None after a single time.
    """

    id: int
    at: datetime
    during: str
    case_number: str
    department: str
    steps: tuple[Step, ...]
    message: str
    status: str
    timers: int
    times: int
    last_at: datetime | None


_HELD = (
    select(due_row.c.case_id, due_row.c.step_id)
    .where(due_row.c.case_id.in_(bindparam("case_ids", expanding=True)), due_row.c.state == HELD_UP)
    .order_by(due_row.c.due_at)
)
_NAMES = select(user_task.c.case_id, user_task.c.element_id, user_task.c.name_zh, user_task.c.name_en).where(
    user_task.c.case_id.in_(bindparam("case_ids", expanding=True))
)
_JOINED = select(incident, case.c.number, case.c.department).join(case, case.c.id == incident.c.case_id)


def list_incidents(
    connection: Connection, status: str | None = "open", asked: Asked = FIRST_PAGE
) -> Page[IncidentView]:
    """Incidents of a status, of all where it is None, the newest first."""
    where = [] if status is None else [incident.c.status == status]
    total = connection.execute(select(func.count()).select_from(incident).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(incident.c.id < after[0])
    rows = connection.execute(_JOINED.where(*where).order_by(incident.c.id.desc()).limit(asked.limit + 1)).all()
    view = _viewer(connection, rows)
    return page_of(rows, total, asked, lambda row: [row.id], view)


def read_incident(connection: Connection, incident_id: int) -> IncidentView | None:
    """One incident, open or settled."""
    row = connection.execute(_JOINED.where(incident.c.id == incident_id)).one_or_none()
    return None if row is None else _viewer(connection, [row])(row)


def count_open_incidents(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).where(incident.c.status == "open")).scalar_one())


def _viewer(connection: Connection, rows: Any) -> Any:
    """A function that shows one of these rows."""
    case_ids = {"case_ids": [row.case_id for row in rows]}
    held: dict[int, list[str]] = {}
    for case_id, step_id in connection.execute(_HELD, case_ids):
        held.setdefault(case_id, []).append(step_id)
    names = {(row.case_id, row.element_id): (row.name_zh, row.name_en) for row in connection.execute(_NAMES, case_ids)}
    return lambda row: _view(row, held.get(row.case_id, []), names)


def _view(row: Row[Any], held: list[str], names: dict[tuple[int, str], tuple[str, str]]) -> IncidentView:
    holds = row.during == "timer" and row.status == "open"
    elements = held if holds else [row.element_id] if row.element_id else []
    steps = tuple(Step(one, *names.get((row.case_id, one), ("", ""))) for one in dict.fromkeys(elements))
    return IncidentView(
        row.id,
        row.at,
        row.during,
        row.number,
        row.department,
        steps,
        row.message,
        row.status,
        len(held) if holds else 0,
        row.times,
        row.last_at,
    )
