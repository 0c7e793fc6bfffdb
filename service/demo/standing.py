"""Whether the demo county stands in a database, wholly or in part. Cheap to ask at every start."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, select

from service.database.session import reading
from service.database.tables import person, setting

SETTING = "demo_county"
LOADING, LOADED = "loading", "loaded"


def demo_state(connection: Connection) -> str | None:
    """`loading` (or broken off), `loaded`, or None for a database without the demo county."""
    return connection.execute(select(setting.c.content).where(setting.c.name == SETTING)).scalar_one_or_none()


def is_loaded(engine: Engine) -> bool:
    with reading(engine) as connection:
        return demo_state(connection) == LOADED


def may_be_loaded(engine: Engine) -> bool:
    """Nobody is known to the database yet, or a loading was broken off."""
    with reading(engine) as connection:
        empty = connection.execute(select(person.c.id).limit(1)).first() is None
        return empty or demo_state(connection) == LOADING
