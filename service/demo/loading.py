"""Loads the demo county into an empty database: the county itself, then its cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, update

from service.commands.services import Services
from service.database.append_only import changes_allowed
from service.database.session import create_database_engine, transaction
from service.database.tables import metadata, setting
from service.demo.cases import Progress, load_cases
from service.demo.county import found_county
from service.demo.reversal import load_reversal
from service.demo.standing import LOADED, LOADING, SETTING, demo_state
from service.demo.treasury import load_treasury

# The county stands some days before its first case (service.demo.cases.DAYS).
FOUNDED_BEFORE = timedelta(days=100)


def load_demo(
    engine: Engine, services: Services, drain: Callable[[datetime], int], progress: Progress | None = None
) -> int:
    """Found the county and play its cases; how many. What a loading that was broken off has left is cleared first.

    `services.clock` is a MovedClock, left at the present.
    """
    with transaction(engine) as connection:
        if demo_state(connection) == LOADING:
            _clear(connection)
        found_county(connection, services, services.clock.now() - FOUNDED_BEFORE)
        connection.execute(insert(setting), {"name": SETTING, "content": LOADING})
    # A loading that is broken off is cleared and done again, so its commits need not wait for the disk.
    fast = create_database_engine(engine.url.render_as_string(hide_password=False), durable=False)
    cases = load_cases(fast, services, drain, progress)
    load_treasury(fast, services, drain)
    load_reversal(fast, services, services.clock.now())
    fast.dispose()
    with transaction(engine) as connection:
        connection.execute(update(setting).where(setting.c.name == SETTING).values(content=LOADED))
    return cases


def _clear(connection: Connection) -> None:
    """Everything: nobody has worked in a county that was never wholly loaded."""
    with changes_allowed(connection):
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
