"""Thousands of cases out of one: rows copied, ids made anew. Every copy can be acted on as the first could."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, insert, select, text

from service.database.session import is_sqlite
from service.database.tables import case, due_row, metadata, user_task

_COUNT = "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {}) "
# What hangs on a case by its id alone; tasks and timers have ids of their own, which the state names.
_BESIDE = ("attachment", "event", "document")


def clone_rows(table: str, times: int, *, key: str = "id", **changed: str) -> str:
    """SQL that inserts the rows `of` a key again and again, some columns changed to an expression of `n`.

    A column changed to nothing is left to the database.
    """
    columns = [column.name for column in metadata.tables[table].columns if changed.get(column.name) != ""]
    taken = ", ".join(changed.get(name, f"t.{name}") for name in columns)
    what = f'(SELECT * FROM "{table}" WHERE {key} = :of) t, counted'
    return f'INSERT INTO "{table}" ({", ".join(columns)}) {_COUNT.format(times)} SELECT {taken} FROM {what}'


def clone_case(connection: Connection, case_id: int, times: int) -> list[int]:
    """So many copies of a case where it stands; their ids."""
    original = connection.execute(select(case).where(case.c.id == case_id)).one()._asdict()
    tasks = [row._asdict() for row in connection.execute(select(user_task).where(user_task.c.case_id == case_id))]
    timers = [row._asdict() for row in connection.execute(select(due_row).where(due_row.c.case_id == case_id))]
    first = int(connection.execute(text('SELECT max(id) FROM "case"')).scalar_one())
    copies = [_copy(first + n, original, tasks, timers) for n in range(1, times + 1)]
    connection.execute(insert(case), [copy for copy, _, _ in copies])
    connection.execute(insert(user_task), [row for _, rows, _ in copies for row in rows])
    connection.execute(insert(due_row), [row for _, _, rows in copies for row in rows])
    for table in _BESIDE:
        changed = {"case_id": f"{first} + n"}
        changed |= {"id": ""} if "id" in metadata.tables[table].columns else {}
        changed |= {"number": f"t.number || '-{first}-' || n"} if table == "document" else {}
        connection.execute(text(clone_rows(table, times, key="case_id", **changed)), {"of": case_id})
    if not is_sqlite(connection):
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence('\"case\"', 'id'), :last)"), {"last": first + times}
        )
    return [copy["id"] for copy, _, _ in copies]


def _copy(
    case_id: int, original: dict[str, Any], tasks: list[dict[str, Any]], timers: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """The state names tasks and timers by the 16 bytes of their ids (service.engine.codec)."""
    known = {row["id"] for row in tasks} | {row["timer_id"] for row in timers}
    new = {each: uuid.uuid4().hex for each in known}
    state = original["state"]
    for old, fresh in new.items():
        state = state.replace(bytes.fromhex(old), bytes.fromhex(fresh))
    return (
        {**original, "id": case_id, "number": f"{original['number']}-{case_id}", "state": state},
        [{**row, "id": new[row["id"]], "case_id": case_id} for row in tasks],
        [{**row, "timer_id": new[row["timer_id"]], "case_id": case_id} for row in timers],
    )
