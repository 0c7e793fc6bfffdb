"""Several constant selects as one statement, each a JSON array of its rows: one round trip for all that hangs on a row.

The database builds the arrays (SQLite: JSON1; PostgreSQL: `json_agg`); values come out as the columns' types say.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import JSON, ColumnElement, CompoundSelect, Connection, Date, Dialect, Select, func, select
from sqlalchemy.types import TypeEngine

from service.database.driver import fetch
from service.database.rows import prepare
from service.database.types import Instant

Convert = Callable[[Any], Any]
Part = Select[Any] | CompoundSelect[Any]
# What makes of a JSON value one of the column's type, by the column's place in its row.
Converts = Sequence[tuple[int, Convert]]


class _Prepared(NamedTuple):
    text: str
    bind: Convert
    converts: Mapping[str, Converts]


class Gathering:
    """Selects by name, which may share bind parameters. Their rows come in no order, whatever the selects say.

    No column may hold bytes, which JSON has no place for.
    """

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts
        self._rows: dict[str, Any] = {name: namedtuple("Row", _names(part)) for name, part in parts.items()}
        self._prepared: dict[str, _Prepared] = {}

    def read(self, connection: Connection, **bound: Any) -> dict[str, list[Any]]:
        """{name: rows}; a row has its columns as attributes, like the row of a select."""
        dialect = connection.dialect
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            prepared = self._prepared[dialect.name] = self._prepare(dialect, bound)
        found = fetch(connection, prepared.text, prepared.bind(bound))[0]
        arrays = zip(self._parts, found, strict=True)
        return {name: self._part(name, array, prepared.converts[name]) for name, array in arrays}

    def _prepare(self, dialect: Dialect, bound: Mapping[str, Any]) -> _Prepared:
        """The statement's text is made once: the library would walk all its parts at each run to know it again."""
        whole = select(*(_array(part, dialect) for part in self._parts.values()))
        text, bind = prepare(whole, dialect, tuple(bound))
        return _Prepared(text, bind, {name: _converts(part, dialect) for name, part in self._parts.items()})

    def _part(self, name: str, array: str | list[list[Any]] | None, converts: Converts) -> list[Any]:
        if array is None or array == "[]":
            return []
        rows: list[list[Any]] = orjson.loads(array) if isinstance(array, str) else array
        for row in rows:
            for at, convert in converts:
                if row[at] is not None:
                    row[at] = convert(row[at])
        return list(map(self._rows[name]._make, rows))


def _names(part: Part) -> list[str]:
    return [column.name for column in part.selected_columns]


def _array(part: Part, dialect: Dialect) -> ColumnElement[Any]:
    """NULL or an empty array where there is no row."""
    rows = part.order_by(None).subquery()
    if dialect.name == "sqlite":
        row = func.json_array(*(func.json(c) if isinstance(c.type, JSON) else c for c in rows.c))
        return select(func.json_group_array(row)).select_from(rows).scalar_subquery()
    return select(func.json_agg(func.json_build_array(*rows.c))).select_from(rows).scalar_subquery()


def _converts(part: Part, dialect: Dialect) -> Converts:
    of_type = _of_sqlite if dialect.name == "sqlite" else _of_postgresql
    found = ((at, of_type(column.type, dialect)) for at, column in enumerate(part.selected_columns))
    return [(at, convert) for at, convert in found if convert is not None]


def _of_sqlite(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """JSON has every value that SQLite itself has."""
    return None if isinstance(kind, JSON) else kind.dialect_impl(dialect).result_processor(dialect, None)


@lru_cache(maxsize=4096)
def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _of_postgresql(kind: TypeEngine[Any], _dialect: Dialect) -> Convert | None:
    if isinstance(kind, Instant):
        return _instant
    return date.fromisoformat if isinstance(kind, Date) else None
