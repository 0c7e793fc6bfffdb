"""Many selects as one statement: the same rows as each would give, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    literal_column,
    select,
)

from service.database.gathering import Gathering
from service.database.session import reading, transaction
from service.database.types import Instant, Key
from tests.migrations.test_migrations_equal_the_tables import DATABASES, new_database

__all__ = ["new_database"]
NOW = datetime(2026, 3, 2, 1, 30, 0, 123450, tzinfo=UTC)
_METADATA = MetaData()
SAMPLE = Table(
    "sample",
    _METADATA,
    Column("id", Key, primary_key=True),
    Column("owner", Integer, nullable=False),
    Column("at", Instant),
    Column("day", Date),
    Column("sure", Boolean),
    Column("words", String(200)),
    Column("content", JSON),
)
ROWS = [
    {
        "owner": 1,
        "at": NOW,
        "day": date(2026, 12, 31),
        "sure": True,
        "words": '引号" \\ \n',
        "content": {"字": [1, None]},
    },
    {"owner": 1, "at": None, "day": None, "sure": False, "words": "null", "content": "[]"},
    {"owner": 2, "at": NOW, "day": None, "sure": None, "words": None, "content": [12345678901234567, 0.1]},
]
OF_OWNER = select(SAMPLE).where(SAMPLE.c.owner == bindparam("owner"))
SINCE = select(SAMPLE.c.id, SAMPLE.c.words).where(SAMPLE.c.at >= bindparam("since", type_=Instant))
NOBODY = select(SAMPLE).where(SAMPLE.c.owner == literal_column("99"))


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, new_database: Any) -> Engine:
    engine: Engine = new_database(request.param)
    with transaction(engine) as connection:
        _METADATA.create_all(connection)
        connection.execute(insert(SAMPLE), ROWS)
    return engine


def each(connection: Connection, statement: Any, **bound: Any) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in connection.execute(statement, bound))


def test_rows_are_those_of_the_selects(engine: Engine) -> None:
    both = Gathering({"own": OF_OWNER, "late": SINCE, "nobody": NOBODY})
    with reading(engine) as connection:
        for owner in (1, 2, 3):
            found = both.read(connection, owner=owner, since=NOW)
            assert sorted(found["own"]) == each(connection, OF_OWNER, owner=owner)
            assert sorted(found["late"]) == each(connection, SINCE, since=NOW)
            assert found["nobody"] == []


def test_a_row_has_its_columns_by_name(engine: Engine) -> None:
    with reading(engine) as connection:
        (row,) = Gathering({"own": OF_OWNER}).read(connection, owner=2)["own"]
    assert (row.at, row.content, row.words) == (NOW, [12345678901234567, 0.1], None)


def test_a_value_that_nobody_gives_is_refused(engine: Engine) -> None:
    bound_inside = select(SAMPLE).where(SAMPLE.c.owner == 1)
    with reading(engine) as connection, pytest.raises(LookupError, match="owner_1"):
        Gathering({"own": bound_inside}).read(connection)
