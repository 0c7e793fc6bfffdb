"""Rows of a statement that never changes: it is compiled once and each value converted straight for the driver.

SQLAlchemy walks a compiled statement's parameters and columns anew at every run; an act reads and writes some
thirty rows.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, TextClause
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.expression import SelectBase
from sqlalchemy.types import TypeEngine

from service.database.driver import Parameters, execute, execute_for_each, fetch

Row = Mapping[str, Any]
Statement = SelectBase | UpdateBase | TextClause
Change = Callable[[Any], Any]
Convert = Callable[[Row], Parameters]
NOTHING: Row = {}


class _Prepared(NamedTuple):
    """A statement for one dialect; `made` makes a row of what the driver brings, if the statement brings any."""

    text: str
    convert: Convert
    made: Change


_PREPARED: dict[tuple[Statement, str, tuple[str, ...]], _Prepared] = {}


def read_rows(connection: Connection, statement: Statement, values: Row = NOTHING) -> list[Any]:
    """What a module's constant statement brings; a row has its columns as attributes, like the row of a select."""
    text, convert, made = _prepared(connection, statement, values)
    return [made(row) for row in fetch(connection, text, convert(values))]


def read_row(connection: Connection, statement: Statement, values: Row = NOTHING) -> Any | None:
    """The one row of a statement that brings one at most; None for none. Raises LookupError where there are more."""
    found = read_rows(connection, statement, values)
    if len(found) > 1:
        raise LookupError(f"Expected one row at most, but found {len(found)}")
    return found[0] if found else None


def write_row(connection: Connection, statement: UpdateBase | TextClause, row: Row) -> int:
    """Execute a module's constant statement once; how many rows it touched."""
    text, convert, _ = _prepared(connection, statement, row)
    return execute(connection, text, convert(row))


def write_rows(connection: Connection, statement: UpdateBase, rows: Sequence[Row]) -> None:
    """Execute a module's constant statement for rows of like keys. Nothing is asked back, no count of rows either."""
    text, convert, _ = _prepared(connection, statement, rows[0])
    execute_for_each(connection, text, [convert(row) for row in rows])


def _prepared(connection: Connection, statement: Statement, given: Row) -> _Prepared:
    dialect = connection.dialect
    key = (statement, dialect.name, tuple(given))
    found = _PREPARED.get(key)
    if found is None:
        text, convert = prepare(statement, dialect, key[2])
        found = _PREPARED[key] = _Prepared(text, convert, _maker(statement, dialect))
    return found


def prepare(statement: Statement, dialect: Dialect, keys: Sequence[str]) -> tuple[str, Convert]:
    """A constant statement's text, and what makes the driver's parameters of a row that gives `keys`.

    Raises LookupError for a parameter that rows do not give; values that never change stand in the text (`in_text`).
    A list of values (`IN`) has another text for each length, and is none of these statements.
    """
    named: dict[str, Any] = {"column_keys": list(keys)} if isinstance(statement, UpdateBase) else {}
    compiled: Any = statement.compile(dialect=dialect, **named)
    if compiled.post_compile_params:
        raise LookupError("Expected a statement whose text never changes, but it has a list of values")
    bound = {name: parameter for parameter, name in compiled.bind_names.items()}
    names = compiled.positiontup or list(bound)
    if unknown := set(names) - set(keys):
        raise LookupError(f"Expected rows that give {sorted(unknown)}, but they give {keys}")
    processors = [bound[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    if compiled.positiontup:
        return str(compiled), _positional(names, [(at, one) for at, one in enumerate(processors) if one is not None])
    return str(compiled), _named(
        names, [(at, one) for at, one in zip(names, processors, strict=True) if one is not None]
    )


def _positional(names: Sequence[str], steps: Sequence[tuple[int, Change]]) -> Convert:
    def convert(row: Row) -> tuple[Any, ...]:
        values = [row[name] for name in names]
        for at, change in steps:
            values[at] = change(values[at])
        return tuple(values)

    return convert


def _named(names: Sequence[str], steps: Sequence[tuple[str, Change]]) -> Convert:
    def convert(row: Row) -> dict[str, Any]:
        values = {name: row[name] for name in names}
        for name, change in steps:
            values[name] = change(values[name])
        return values

    return convert


def changes(types: Sequence[TypeEngine[Any]], dialect: Dialect) -> list[tuple[int, Change]]:
    """What makes of the driver's values those of these types, by place, where that is needed."""
    found = ((at, kind.dialect_impl(dialect).result_processor(dialect, None)) for at, kind in enumerate(types))
    return [(at, change) for at, change in found if change is not None]


def _maker(statement: Statement, dialect: Dialect) -> Change:
    columns = [] if isinstance(statement, TextClause) else list(statement.exported_columns)
    made: Any = namedtuple("Row", [column.name for column in columns])  # type: ignore[misc]
    steps = changes([column.type for column in columns], dialect)

    def make(raw: tuple[Any, ...]) -> Any:
        values = list(raw)
        for at, change in steps:
            values[at] = change(values[at])
        return made._make(values)

    return make if steps else made._make
