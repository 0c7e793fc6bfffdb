"""Brings a database to the newest schema, in one transaction: afterwards it is new, or as it was before."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from service.database.revision import MIGRATIONS, newest
from service.database.session import create_database_engine, is_sqlite, transaction

# Any number that nobody else takes: two upgrades at once wait for each other.
_LOCK = 7_260_193_557


def upgrade(url: str) -> str:
    """Apply every migration that is missing; the revision that the database has now."""
    engine = create_database_engine(url)
    try:
        with transaction(engine) as connection:
            connection.begin()  # Before alembic looks: it would leave SQLite's statements outside of a transaction.
            if not is_sqlite(connection):
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
            command.upgrade(configuration(connection), "head")
        return newest()
    finally:
        engine.dispose()


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file; the migrations run on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
