"""Brings a database to the newest schema, in one transaction: afterwards it is new, or as it was before."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from service.database.session import create_database_engine, is_sqlite, reading, transaction

MIGRATIONS = Path(__file__).parent / "migrations"
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


def newest() -> str:
    """The revision that this program expects."""
    return str(ScriptDirectory.from_config(configuration()).get_current_head())


def revision_of(engine: Engine) -> str | None:
    """The revision that a database has; None for one that was never upgraded."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()
