"""Extensions of supervision orders: what was asked, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.engine import Row

from service.database.tables import order_extension, person, user_task

_DECIDER = person.alias("decider")
_OF_ORDER = (
    select(
        order_extension,
        person.c.name.label("asker_name"),
        _DECIDER.c.name.label("decider_name"),
        user_task.c.status.label("task_status"),
    )
    .join(person, person.c.id == order_extension.c.asked_by)
    .outerjoin(_DECIDER, _DECIDER.c.id == order_extension.c.decided_by)
    .outerjoin(user_task, user_task.c.id == order_extension.c.task_id)
    .where(order_extension.c.order_case_id == bindparam("case_id"))
    .order_by(order_extension.c.id)
)


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """`rung` is handler, level1 or level2; `status` asked, granted, refused, or lapsed: done before it was decided."""

    id: int
    rung: str
    element_id: str
    asked_by: str
    asked_at: datetime
    reason: str
    due_before: datetime
    until: datetime
    status: str
    decided_by: str | None
    decided_at: datetime | None
    opinion: str | None


def extensions_of(connection: Connection, order_case_id: int) -> tuple[ExtensionView, ...]:
    """In the order in which they were asked."""
    return tuple(_view(row) for row in connection.execute(_OF_ORDER, {"case_id": order_case_id}))


def _view(row: Row[Any]) -> ExtensionView:
    lapsed = row.status == "asked" and row.task_status != "open"
    return ExtensionView(
        row.id,
        row.rung,
        row.element_id,
        row.asker_name,
        row.asked_at,
        row.reason,
        row.due_before,
        row.until,
        "lapsed" if lapsed else row.status,
        row.decider_name,
        row.decided_at,
        row.opinion,
    )
