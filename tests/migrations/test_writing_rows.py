"""Rows written by a constant statement, many in one go, and what the database itself does with a notice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from service.database.rows import write_rows
from service.database.session import in_one_go, reading, transaction
from service.database.tables import notice, outbox, setting
from service.database.upgrading import upgrade
from tests.migrations.test_migrations_equal_the_tables import DATABASES, new_database, url_of

__all__ = ["new_database"]
NOW = datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=UTC)
_SETTINGS = insert(setting)
_CHANGED = update(setting).where(setting.c.name == bindparam("b_name")).values(content=bindparam("content"))
_NOTICES = insert(notice)
_OUTBOX = insert(outbox)
_NOTICE = {
    "case_id": None,
    "recipient": None,
    "recipient_name": "张伟明",
    "address": "13800138001",
    "channel": "sms",
    "kind": "applicant_received",
    "text": "已收到",
    "status": "waiting",
    "created_at": NOW,
    "sent_at": None,
}


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, new_database: Any) -> Engine:
    engine: Engine = new_database(request.param)
    upgrade(url_of(engine))
    return engine


def settings(connection: Connection) -> dict[str, Any]:
    asked = select(setting.c.name, setting.c.content).where(setting.c.name.like("t.%"))
    return {row.name: row.content for row in connection.execute(asked)}


def test_values_arrive_as_their_columns_say(engine: Engine) -> None:
    rows = [{"name": f"t.{n}", "content": {"字": [n, None, "é"]}} for n in range(3)]
    with transaction(engine) as connection:
        write_rows(connection, _SETTINGS, rows)
        write_rows(connection, _CHANGED, [{"b_name": "t.1", "content": "changed"}])
    with reading(engine) as connection:
        assert settings(connection) == {"t.0": rows[0]["content"], "t.1": "changed", "t.2": rows[2]["content"]}


def test_an_instant_keeps_its_microseconds(engine: Engine) -> None:
    with transaction(engine) as connection:
        write_rows(connection, _NOTICES, [{**_NOTICE, "message_key": None}])
    with reading(engine) as connection:
        assert connection.execute(select(notice.c.created_at)).scalar_one() == NOW


def test_rows_that_leave_a_column_of_the_statement_open_are_refused(engine: Engine) -> None:
    row = {"kind": "sms", "idempotency_key": "k", "payload": {}, "created_at": NOW, "next_at": NOW}
    with transaction(engine) as connection, pytest.raises(LookupError, match="state"):
        write_rows(connection, _OUTBOX, [row])


def test_a_row_that_is_there_already_is_an_error_of_integrity(engine: Engine) -> None:
    row = {"name": "t.twice", "content": 1}
    with transaction(engine) as connection, pytest.raises(IntegrityError):
        write_rows(connection, _SETTINGS, [row, row])


def test_what_is_sent_in_one_go_is_there_when_the_block_ends(engine: Engine) -> None:
    with transaction(engine) as connection:
        with in_one_go(connection):
            for number in range(4):
                write_rows(connection, _SETTINGS, [{"name": f"t.{number}", "content": number}])
        assert len(settings(connection)) == 4


def test_a_refusal_in_one_go_is_raised_and_undoes_the_transaction(engine: Engine) -> None:
    def write(connection: Connection) -> None:
        with in_one_go(connection):
            write_rows(connection, _SETTINGS, [{"name": "t.a", "content": 1}])
            write_rows(connection, _SETTINGS, [{"name": "t.a", "content": 2}])
            write_rows(connection, _SETTINGS, [{"name": "t.b", "content": 3}])

    with pytest.raises(DBAPIError), transaction(engine) as connection:
        write(connection)
    with transaction(engine) as connection:
        assert settings(connection) == {}
        write_rows(connection, _SETTINGS, [{"name": "t.after", "content": 1}])


def test_a_notice_with_a_key_waits_in_the_outbox(engine: Engine) -> None:
    rows = [{**_NOTICE, "message_key": f"sms/{n}"} for n in range(2)]
    with transaction(engine) as connection:
        write_rows(connection, _NOTICES, rows)
        ids = connection.execute(select(notice.c.id).order_by(notice.c.id)).scalars().all()
        waiting = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    assert [row.payload for row in waiting] == [{"notice_id": one} for one in ids]
    assert {(row.kind, row.state, row.attempts, row.created_at, row.next_at) for row in waiting} == {
        ("sms", 0, 0, NOW, NOW)
    }


def test_a_notice_without_a_key_stays_in_the_house(engine: Engine) -> None:
    with transaction(engine) as connection:
        write_rows(connection, _NOTICES, [{**_NOTICE, "channel": "in_app", "message_key": None}])
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 0


def test_a_notice_that_is_undone_leaves_nothing_in_the_outbox(engine: Engine) -> None:
    with pytest.raises(RuntimeError), transaction(engine) as connection:
        write_rows(connection, _NOTICES, [{**_NOTICE, "message_key": "sms/undone"}])
        raise RuntimeError
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 0
