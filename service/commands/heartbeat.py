"""A worker says that it lives: one row, written now and then, for whoever watches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, update

from service.database.tables import setting
from service.reads.state_of_work import HEARTBEAT


def beat_heart(connection: Connection, now: datetime) -> None:
    """`now` is the system's time."""
    change = update(setting).where(setting.c.name == HEARTBEAT).values(content=now.isoformat())
    if connection.execute(change).rowcount == 0:
        connection.execute(insert(setting), {"name": HEARTBEAT, "content": now.isoformat()})
