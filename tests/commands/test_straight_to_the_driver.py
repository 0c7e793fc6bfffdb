"""Statements past SQLAlchemy's execution context: the same values, the same errors, and reads that cannot write."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError, OperationalError

from service.database.rows import read_row, read_rows, write_row, write_rows
from service.database.session import WrittenWhileReading, in_one_go, is_sqlite, reading, transaction
from service.database.tables import metadata, person, setting
from tests.commands.office import Office
from tests.commands.stories import YJ
from tests.commands.walking import begin

_NAMED = select(setting).where(setting.c.name == bindparam("name"))
_CHANGE = update(setting).where(setting.c.name == bindparam("b_name")).values(content=bindparam("content"))
_INSERT = insert(setting)
_BACKEND = select(func.pg_backend_pid().label("pid"))


def test_every_table_reads_as_it_does_through_the_library(office: Office) -> None:
    begin(office, YJ, "decide")
    filled = 0
    with reading(office.engine) as connection:
        for table in metadata.sorted_tables:
            expected = [tuple(row) for row in connection.execute(select(table))]
            assert [tuple(row) for row in read_rows(connection, select(table))] == expected, table.name
            filled += bool(expected)
    assert filled >= 18


def test_rows_have_their_columns_as_attributes_and_none_is_none(office: Office) -> None:
    with reading(office.engine) as connection:
        assert read_row(connection, _NAMED, {"name": "office_hours"}).content  # type: ignore[union-attr]
        assert read_row(connection, _NAMED, {"name": "nothing of the kind"}) is None
        with pytest.raises(LookupError, match="one row at most"):
            read_row(connection, select(person.c.id))


def test_a_statement_whose_text_changes_or_that_wants_more_than_it_is_given_is_refused(office: Office) -> None:
    several = select(person.c.id).where(person.c.id.in_(bindparam("ids", expanding=True)))
    with reading(office.engine) as connection:
        with pytest.raises(LookupError, match="list of values"):
            read_rows(connection, several, {"ids": [1]})
        with pytest.raises(LookupError, match="name"):
            read_rows(connection, _NAMED)


def test_writing_says_how_many_rows_it_touched(office: Office) -> None:
    with transaction(office.engine) as connection:
        assert write_row(connection, _CHANGE, {"b_name": "office_hours", "content": [1]}) == 1
        assert write_row(connection, _CHANGE, {"b_name": "nothing of the kind", "content": [1]}) == 0


@pytest.mark.parametrize("many", [False, True])
def test_what_the_database_refuses_is_the_librarys_error(office: Office, many: bool) -> None:
    rows = [{"name": "office_hours", "content": 1}] * (2 if many else 1)
    with pytest.raises(IntegrityError), transaction(office.engine) as connection:
        write_rows(connection, _INSERT, rows)
    with pytest.raises(IntegrityError), transaction(office.engine) as connection, in_one_go(connection):
        write_rows(connection, _INSERT, rows)


def test_who_listens_hears_of_every_statement(office: Office) -> None:
    heard: list[tuple[str, bool]] = []

    def hear(_connection: Any, _cursor: Any, said: str, _given: Any, _context: Any, many: bool) -> None:
        heard.append((said.split()[0], many))

    event.listen(office.engine, "before_cursor_execute", hear)
    try:
        with transaction(office.engine) as connection:
            read_row(connection, _NAMED, {"name": "office_hours"})
            write_rows(connection, _CHANGE, [{"b_name": "x", "content": 1}, {"b_name": "y", "content": 1}])
    finally:
        event.remove(office.engine, "before_cursor_execute", hear)
    assert [each for each in heard if each[0] != "BEGIN"] == [("SELECT", False), ("UPDATE", True)]


def test_nothing_written_while_reading_stays(office: Office) -> None:
    expected = WrittenWhileReading if is_sqlite_office(office) else DBAPIError
    with pytest.raises(expected), reading(office.engine) as connection:
        write_row(connection, _CHANGE, {"b_name": "office_hours", "content": "spoilt"})
    with pytest.raises(expected), reading(office.engine) as connection:
        connection.execute(insert(setting).values(name="spoilt", content=1))
    with transaction(office.engine) as connection:
        assert content_of(connection, "office_hours") != "spoilt"
        assert content_of(connection, "spoilt") is None


def test_a_connection_that_has_only_read_writes_again(office: Office) -> None:
    for _ in range(3):
        with reading(office.engine) as connection:
            content_of(connection, "office_hours")
        with transaction(office.engine) as connection:
            write_row(connection, _CHANGE, {"b_name": "office_hours", "content": "changed"})
    with reading(office.engine) as connection:
        assert content_of(connection, "office_hours") == "changed"


def test_postgresql_keeps_what_it_has_prepared_when_a_read_ends(office: Office) -> None:
    if is_sqlite_office(office):
        pytest.skip("SQLite's driver keeps its statements by itself")
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM setting%'")
    for _ in range(8):
        with reading(office.engine) as connection:
            content_of(connection, "office_hours")
    with reading(office.engine) as connection:
        assert connection.execute(prepared).scalar_one() == 1


def test_a_connection_that_is_lost_is_not_used_again(office: Office) -> None:
    if is_sqlite_office(office):
        pytest.skip("there is no server that could go away")
    with office.engine.connect() as other, transaction(office.engine) as connection:
        other.execute(select(func.pg_terminate_backend(read_rows(connection, _BACKEND)[0].pid)))
        with pytest.raises(OperationalError) as lost:
            content_of(connection, "office_hours")
        assert lost.value.connection_invalidated
        with pytest.raises(InvalidRequestError):
            content_of(connection, "office_hours")
        connection.rollback()
        assert content_of(connection, "office_hours") is not None


def content_of(connection: Connection, name: str) -> Any:
    found = read_row(connection, _NAMED, {"name": name})
    return None if found is None else found.content


def is_sqlite_office(office: Office) -> bool:
    with office.engine.connect() as connection:
        return is_sqlite(connection)
