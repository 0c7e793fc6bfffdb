"""Rows for a statement that never changes: it is compiled once and each value converted straight for the driver.

SQLAlchemy walks a compiled statement's parameters anew for every row; an act writes some twenty rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.sql.dml import UpdateBase

Row = Mapping[str, Any]
# A parameter's name and what makes of its value one for the driver, where that is needed.
Step = tuple[str, Callable[[Any], Any] | None]
Convert = Callable[[Row], Any]
_PREPARED: dict[tuple[UpdateBase, str, tuple[str, ...]], tuple[str, Convert]] = {}


def write_rows(connection: Connection, statement: UpdateBase, rows: Sequence[Row]) -> None:
    """Execute a module's constant statement for rows of like keys. Nothing is asked back, no count of rows either."""
    key = (statement, connection.dialect.name, tuple(rows[0]))
    prepared = _PREPARED.get(key)
    if prepared is None:
        prepared = _PREPARED[key] = prepare(statement, connection.dialect, key[2])
    text, convert = prepared
    connection.exec_driver_sql(text, [convert(row) for row in rows])


def prepare(statement: Select[Any] | UpdateBase, dialect: Dialect, keys: Sequence[str]) -> tuple[str, Convert]:
    """A constant statement's text, and what makes the driver's parameters of a row that gives `keys`.

    Raises LookupError for a parameter that rows do not give; values that never change stand in the text (`in_text`).
    """
    named: dict[str, Any] = {"column_keys": list(keys)} if isinstance(statement, UpdateBase) else {}
    compiled: Any = statement.compile(dialect=dialect, **named)
    bound = {name: parameter.type for parameter, name in compiled.bind_names.items()}
    names = compiled.positiontup or list(bound)
    if unknown := set(names) - set(keys):
        raise LookupError(f"Expected rows that give {sorted(unknown)}, but they give {keys}")
    steps = [(name, bound[name].dialect_impl(dialect).bind_processor(dialect)) for name in names]
    return str(compiled), _positional(steps) if compiled.positiontup else _named(steps)


def _positional(steps: Sequence[Step]) -> Convert:
    return lambda row: tuple([row[name] if step is None else step(row[name]) for name, step in steps])


def _named(steps: Sequence[Step]) -> Convert:
    return lambda row: {name: row[name] if step is None else step(row[name]) for name, step in steps}
