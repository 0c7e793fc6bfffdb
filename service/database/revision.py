"""Which schema a database has, which ones this program can work on; needs no alembic, so every start may ask.

A migration that takes away what older programs use says `kind = "contract"`; all others expand and hurt nobody. So a
program works on a database that is ahead of it by expansions, and on one that only lacks contractions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text

from service.database.session import reading
from service.database.tables import setting

MIGRATIONS = Path(__file__).parent / "migrations"
# The setting that tells older programs from which revision on they may not work on this database.
FLOOR = "schema_floor"
_CONTRACT = re.compile(r'^kind = "contract"$', re.MULTILINE)
_TITLE = re.compile(r'^"""(.+?)\.?(?:"""|$)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Revision:
    """One migration, by the number that its file begins with."""

    number: str
    kind: str
    title: str


def revisions(migrations: Path = MIGRATIONS) -> list[Revision]:
    """In their order."""
    return [_read(path) for path in sorted((migrations / "versions").glob("[0-9]*.py"))]


def newest(migrations: Path = MIGRATIONS) -> str:
    """The last revision that this program knows."""
    return revisions(migrations)[-1].number


def required(migrations: Path = MIGRATIONS) -> str:
    """The revision that a database must have at least: the last that adds something."""
    return [one.number for one in revisions(migrations) if one.kind == "expand"][-1]


def revision_of(engine: Engine) -> str | None:
    """The revision that a database has; None for one that was never upgraded."""
    with reading(engine) as connection:
        return revision_on(connection)


def revision_on(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def schema_trouble(engine: Engine, migrations: Path = MIGRATIONS) -> str:
    """Why this program cannot work on the database as it is; empty if it can."""
    found, need, known = revision_of(engine), required(migrations), newest(migrations)
    if found is None or found < need:
        return f"Expected the database at revision {need} or later, but found {found}: run mingjing db upgrade"
    with reading(engine) as connection:
        floor = connection.execute(select(setting.c.content).where(setting.c.name == FLOOR)).scalar_one_or_none()
    if found > known and floor is not None and floor > known:
        return (
            f"Expected a program that knows revision {floor}, but this one knows {known} alone: "
            "the database has given up what it needs, so start the newer program"
        )
    return ""


def _read(path: Path) -> Revision:
    source = path.read_text("utf-8")
    title = _TITLE.match(source)
    return Revision(path.name[:4], "contract" if _CONTRACT.search(source) else "expand", title[1] if title else "")
