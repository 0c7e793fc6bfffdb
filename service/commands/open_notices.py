"""Somebody opens in the product what a notice told him of: when he did is kept, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from service.database.tables import notice
from service.people.actor import Actor

_OPENED = (
    update(notice)
    .where(
        notice.c.case_id == bindparam("b_case"),
        notice.c.recipient == bindparam("b_person"),
        notice.c.opened_at.is_(None),
    )
    .values(opened_at=bindparam("opened_at"))
)


def open_notices(connection: Connection, actor: Actor, case_id: int, now: datetime) -> None:
    """The person's own notices of this case are opened."""
    connection.execute(_OPENED, {"b_case": case_id, "b_person": actor.person_id, "opened_at": now})
