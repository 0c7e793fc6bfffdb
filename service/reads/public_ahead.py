"""What lies ahead of a case as its applicant may know it: names of steps, limits, never persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.database.tables import case, due_row, user_task
from service.definitions.bundle import Bundle
from service.reads.case_values import Caches
from service.reads.positions import Ahead, ahead_of, call_activity_of
from service.reads.task_view import form_schema

_CASE = select(case.c.id, case.c.definition_id, case.c.status).where(case.c.number == bindparam("number"))
_OPEN = (
    select(user_task.c.element_id, user_task.c.due_at, user_task.c.post, user_task.c.halts)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "open")
    .order_by(user_task.c.entered_at)
)
_ARMED = select(due_row.c.step_id, due_row.c.due_at, due_row.c.state).where(due_row.c.case_id == bindparam("case_id"))


_WAITS = frozenset({"receiveTask", "intermediateCatchEvent"})


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Where the case stands: a step in work, or a wait with the message that it waits for."""

    element_id: str
    name_zh: str
    name_en: str
    post: str
    message: str | None
    due_at: datetime | None
    halts: bool = False


@dataclass(frozen=True, slots=True)
class PublicWay:
    """`forms` {message: schema} of the waits that the applicant or the public may answer."""

    points: tuple[OpenPoint, ...]
    ahead: tuple[Ahead, ...]
    forms: Mapping[str, Mapping[str, Any]]


def read_public_way(
    connection: Connection, caches: Caches, number: str, waiting_for: tuple[str, ...], locale: str
) -> PublicWay:
    """For a case whose secret has been proved. Empty for a case that has ended."""
    row = connection.execute(_CASE, {"number": number}).one()
    if row.status in ("completed", "terminated"):
        return PublicWay((), (), {})
    bundle = caches.bundles.get(connection, row.definition_id)
    points = (*_tasks(connection, row.id, bundle), *_waits(connection, row.id, bundle, waiting_for))
    within = call_activity_of(bundle)
    ahead = ahead_of(bundle.xml, [within.get(p.element_id, p.element_id) for p in points])
    return PublicWay(points, ahead, dict(_forms(bundle, points, waiting_for, locale)))


def _tasks(connection: Connection, case_id: int, bundle: Bundle) -> tuple[OpenPoint, ...]:
    found = []
    for task in connection.execute(_OPEN, {"case_id": case_id}):
        element = bundle.model.find(task.element_id)
        if element is not None:
            name = (element.name_zh, element.name_en)
            found.append(OpenPoint(element.id, *name, task.post, None, task.due_at, bool(task.halts)))
    return tuple(found)


def _waits(connection: Connection, case_id: int, bundle: Bundle, waiting_for: tuple[str, ...]) -> tuple[OpenPoint, ...]:
    """Each open wait has a limit, so an armed row stands on it or on the call activity around it."""
    within = call_activity_of(bundle)
    rows = {row.step_id: row for row in connection.execute(_ARMED, {"case_id": case_id})}
    found: dict[str, OpenPoint] = {}
    for element in bundle.model.elements.values():
        message = "objection" if element.is_publicity else element.message
        row = rows.get(element.id) or rows.get(within.get(element.id, ""))
        if message in waiting_for and row is not None and element.kind in _WAITS:
            due_at = row.due_at if row.state == 0 else None
            found[element.id] = OpenPoint(element.id, element.name_zh, element.name_en, element.post, message, due_at)
    return tuple(found.values())


def _forms(bundle: Bundle, points: tuple[OpenPoint, ...], waiting_for: tuple[str, ...], locale: str) -> Any:
    for point in points:
        if point.message in ("correction", "statement", "completion") and (
            found := form_schema(bundle, point.element_id, locale)
        ):
            yield point.message, found
    if "objection" in waiting_for and (found := form_schema(bundle, "objection", locale)):
        yield "objection", found
