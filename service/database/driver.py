"""Text and values straight to the driver: SQLAlchemy's execution context costs more than most statements do.

Connections, transactions and errors stay SQLAlchemy's, and who listens to an engine's `before_cursor_execute` hears of
these statements too (without a context).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

# One for each parameter in their order (SQLite), or by their names (psycopg).
Parameters = tuple[Any, ...] | dict[str, Any]


def fetch(connection: Connection, text: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """The rows of a statement that brings some, as the driver has them."""
    cursor = _cursor(connection, text, parameters)
    try:
        cursor.execute(text, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    except BaseException as problem:
        connection._handle_dbapi_exception(problem, text, parameters, cursor, None)
    cursor.close()
    return found


def execute(connection: Connection, text: str, parameters: Parameters) -> int:
    """A statement that brings no rows; how many it touched."""
    cursor = _cursor(connection, text, parameters)
    try:
        cursor.execute(text, parameters)
        touched: int = cursor.rowcount
    except BaseException as problem:
        connection._handle_dbapi_exception(problem, text, parameters, cursor, None)
    cursor.close()
    return touched


def execute_for_each(connection: Connection, text: str, rows: Sequence[Parameters]) -> None:
    """The same statement for every row; nothing is asked back."""
    cursor = _cursor(connection, text, rows)
    try:
        if len(rows) == 1:
            cursor.execute(text, rows[0])
        else:
            cursor.executemany(text, rows)
    except BaseException as problem:
        connection._handle_dbapi_exception(problem, text, rows, cursor, None)
    cursor.close()


def begin(connection: Connection, text: str) -> None:
    """The statement that begins the connection's transaction, where the driver sends none by itself."""
    cursor = _heard(connection, text, ())
    try:
        cursor.execute(text)
    except BaseException as problem:
        connection._handle_dbapi_exception(problem, text, None, cursor, None)
    cursor.close()


def _cursor(connection: Connection, text: str, parameters: Any) -> Any:
    """A cursor within the connection's transaction, which begins if none has begun yet."""
    if not connection.in_transaction():
        connection.begin()
    return _heard(connection, text, parameters)


def _heard(connection: Connection, text: str, parameters: Any) -> Any:
    cursor = connection.connection.dbapi_connection.cursor()  # type: ignore[union-attr]
    # A connection would first join its own listeners with its engine's, for each short transaction anew.
    if listeners := connection.engine.dispatch.before_cursor_execute:
        for listener in listeners:
            listener(connection, cursor, text, parameters, None, type(parameters) is list)
    return cursor
