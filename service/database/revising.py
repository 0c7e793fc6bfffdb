"""Writes the next migration from `tables.py` as it stands: `python -m service.database.revising "What it changes"`.

It compares the tables with a scratch database that has every migration so far; tables named after the message are taken
in alone. Read what it wrote and run `ruff format` on it. Migrations only go forwards: expand, deploy, contract.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Collection
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import ops

from service.database.revision import MIGRATIONS
from service.database.session import create_database_engine, transaction
from service.database.tables import metadata
from service.database.types import Instant, Key
from service.database.upgrading import configuration

_FILE = '''"""{message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

{imports}revision = "{revision}"
down_revision = {before}
kind = "{kind}"


def upgrade() -> None:
{calls}
{functions}'''
# What SQLite can do to a table as it stands; for the rest alembic copies the table.
_WITHOUT_COPY = (ops.CreateTableOp, ops.DropTableOp, ops.CreateIndexOp, ops.DropIndexOp, ops.AddColumnOp)
# What programs that do not know of it can live with (service.database.revision).
_EXPANDS = (ops.CreateTableOp, ops.CreateIndexOp, ops.AddColumnOp)


def write_migration(message: str, tables: Collection[str] = ()) -> Path:
    """The file of the new migration, numbered on from the last one. RuntimeError if there is nothing to change."""
    folder = MIGRATIONS / "versions"
    number = 1 + max((int(path.name[:4]) for path in folder.glob("[0-9]*.py")), default=0)
    changes = [op for op in _changes() if not tables or op.table_name in tables]
    if not changes:
        raise RuntimeError("Expected the tables to differ from the migrations, but they are the same")
    text = _FILE.format(
        message=message,
        revision=f"{number:04d}",
        before=f'"{number - 1:04d}"' if number > 1 else "None",
        kind="expand" if all(isinstance(op, _EXPANDS) for op in changes) else "contract",
        **_body(changes),
    )
    written = folder / f"{number:04d}_{re.sub('[^a-z0-9]+', '_', message.lower()).strip('_')}.py"
    written.write_text(text, "utf-8")
    return written


def _changes() -> list[Any]:
    """What differs, one operation a line, those on one table beside each other."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_database_engine(f"sqlite:///{folder}/scratch.db")
        with transaction(engine) as connection:
            command.upgrade(configuration(connection), "head")
            script = produce_migrations(MigrationContext.configure(connection), metadata)
        engine.dispose()
    found: list[Any] = []
    for op in script.upgrade_ops.ops if script.upgrade_ops else ():
        found.extend(op.ops if isinstance(op, ops.ModifyTableOps) else [op])
    return found


def _body(changes: list[Any]) -> dict[str, str]:
    """One function for each table, called in an order that foreign keys bear."""
    functions, calls = "", ""
    for table, group in groupby(changes, lambda op: str(op.table_name)):
        name = f"_{table}" if f"    _{table}()\n" not in calls else f"_{table}_again"
        calls += f"    {name}()\n"
        functions += f"\ndef {name}() -> None:\n{_code(table, list(group))}\n"
    used = [name for name in ("Instant", "Key") if re.search(rf"\b{name}\b", functions)]
    imports = f"from service.database.types import {', '.join(used)}\n\n" if used else ""
    return {"calls": calls, "functions": functions, "imports": imports}


def _code(table: str, changes: list[Any]) -> str:
    copies = not all(isinstance(op, _WITHOUT_COPY) for op in changes)
    wanted = [ops.ModifyTableOps(table, changes)] if copies else changes
    text = render_python_code(ops.UpgradeOps(ops=wanted), render_item=_render, render_as_batch=copies)
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    # The first line comes without its indentation, the others with it.
    return "".join(f"{line if line.startswith('    ') else '    ' + line}\n" for line in lines)


def _render(kind: str, found: Any, _context: AutogenContext) -> str | Literal[False]:
    """Our two column types by their own names, so that a migration means the same on every database."""
    if kind == "type" and isinstance(found, Instant):
        return "Instant()"
    if kind == "type" and found is Key:
        return "Key"
    return False


if __name__ == "__main__":
    print(write_migration(sys.argv[1], sys.argv[2:]))
