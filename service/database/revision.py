"""Which schema a database has and which one this program expects; needs no alembic, so every start may ask."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from service.database.session import reading

MIGRATIONS = Path(__file__).parent / "migrations"


def newest(migrations: Path = MIGRATIONS) -> str:
    """The revision that this program expects: the number that the last migration's file begins with."""
    return max(path.name[:4] for path in (migrations / "versions").glob("[0-9]*.py"))


def revision_of(engine: Engine) -> str | None:
    """The revision that a database has; None for one that was never upgraded."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
