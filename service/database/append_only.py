"""Tables that may only grow: the database itself refuses to change or delete a row, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from service.database.session import is_sqlite

APPEND_ONLY = ("ledger_entry",)


def forbid_changes(connection: Connection, table: str) -> None:
    """Put the triggers on a table."""
    if is_sqlite(connection):
        for verb in ("update", "delete"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
                )
            )
        return
    connection.execute(
        text(
            f"CREATE OR REPLACE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} only grows'; END $$"
        )
    )
    for name, event, each in (("change", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT")):
        connection.execute(
            text(
                f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION {table}_only_grows()"
            )
        )


@contextmanager
def changes_allowed(connection: Connection) -> Iterator[None]:
    """Take the triggers away within a transaction: only for a county that was never wholly loaded."""
    for table in APPEND_ONLY:
        names = ("update", "delete") if is_sqlite(connection) else ("change", "truncate")
        on = "" if is_sqlite(connection) else f" ON {table}"
        for name in names:
            connection.execute(text(f"DROP TRIGGER {table}_no_{name}{on}"))
    yield
    for table in APPEND_ONLY:
        forbid_changes(connection, table)
