"""Brings a database to a newer schema, in one transaction: afterwards it is new, or as it was before."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, delete, insert, text

from service.database.revision import FLOOR, MIGRATIONS, Revision, newest, revision_on, revisions
from service.database.session import create_database_engine, is_sqlite, transaction
from service.database.tables import setting

# Any number that nobody else takes: two upgrades at once wait for each other.
_LOCK = 7_260_193_557


def upgrade(url: str) -> str:
    """Apply every migration that is missing; the revision that the database has now."""
    upgrade_by_steps(url)
    return newest()


def upgrade_by_steps(url: str, *, expand_only: bool = False, migrations: Path = MIGRATIONS) -> list[Revision]:
    """Apply the migrations that are missing, up to before the first contraction if `expand_only`; which ones."""
    engine = create_database_engine(url)
    try:
        with transaction(engine) as connection:
            connection.begin()  # Before alembic looks: it would leave SQLite's statements outside of a transaction.
            if not is_sqlite(connection):
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
            missing = _missing(connection, migrations)
            if expand_only:
                missing = list(takewhile(lambda one: one.kind == "expand", missing))
            if missing:
                command.upgrade(configuration(connection, migrations), missing[-1].number)
                _raise_floor(connection, missing)
        return missing
    finally:
        engine.dispose()


def _missing(connection: Connection, migrations: Path) -> list[Revision]:
    found = revision_on(connection)
    return [one for one in revisions(migrations) if found is None or one.number > found]


def _raise_floor(connection: Connection, applied: list[Revision]) -> None:
    """Leave word for programs that do not know of a contraction."""
    contractions = [one.number for one in applied if one.kind == "contract"]
    if contractions:
        connection.execute(delete(setting).where(setting.c.name == FLOOR))
        connection.execute(insert(setting), {"name": FLOOR, "content": contractions[-1]})


def configuration(connection: Connection | None = None, migrations: Path | None = None) -> Config:
    """Alembic's configuration without a file; the migrations run on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(migrations or MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
