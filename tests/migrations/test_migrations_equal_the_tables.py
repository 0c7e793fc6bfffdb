"""All migrations together give the same schema as `tables.py`, on both databases."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from service.cases.numbers import next_number
from service.database import revising
from service.database.revision import newest, revision_of
from service.database.session import create_database_engine, reading, transaction
from service.database.tables import metadata, number_sequence, unmatched_payment
from service.database.upgrading import configuration, upgrade

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Makes empty databases of the kind that the test asks for; gives engines."""
    engines: list[tuple[Engine, str]] = []

    def make(kind: str) -> Engine:
        name = f"migrations_{uuid.uuid4().hex[:12]}"
        if kind == "sqlite":
            url = f"sqlite:///{tmp_path / name}.db"
        else:
            url = request.getfixturevalue("postgresql_server").create_database(name)
        engines.append((create_database_engine(url), name))
        return engines[-1][0]

    yield make
    for engine, name in engines:
        engine.dispose()
        if engine.dialect.name == "postgresql":
            request.getfixturevalue("postgresql_server").drop_database(name)


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def indexes(engine: Engine) -> set[str]:
    """How the database itself writes each index down, the condition of a partial one included."""
    asked = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    }
    with reading(engine) as connection:
        return {" ".join(row[0].split()) for row in connection.execute(text(asked[engine.dialect.name]))}


@pytest.mark.parametrize("kind", DATABASES)
def test_all_migrations_together_equal_the_tables(new_database: Any, kind: str) -> None:
    engine = new_database(kind)
    upgrade(url_of(engine))
    with reading(engine) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


@pytest.mark.parametrize("kind", DATABASES)
def test_indexes_are_those_of_the_tables_down_to_their_conditions(new_database: Any, kind: str) -> None:
    migrated, fresh = new_database(kind), new_database(kind)
    upgrade(url_of(migrated))
    with transaction(fresh) as connection:
        metadata.create_all(connection)
    unlike = indexes(migrated) ^ indexes(fresh)
    assert {index for index in unlike if "alembic_version" not in index} == set()
    assert any("state = 0" in index for index in indexes(migrated))


@pytest.mark.parametrize("kind", DATABASES)
def test_upgrading_again_changes_nothing(new_database: Any, kind: str) -> None:
    engine = new_database(kind)
    assert revision_of(engine) is None
    assert upgrade(url_of(engine)) == upgrade(url_of(engine)) == revision_of(engine) == newest()


@pytest.mark.parametrize("kind", DATABASES)
def test_a_migration_that_fails_leaves_the_database_as_it_was(new_database: Any, kind: str) -> None:
    engine = new_database(kind)
    with transaction(engine) as connection:
        connection.execute(text("CREATE TABLE outbox (id INTEGER)"))
    with pytest.raises(Exception, match="outbox"):
        upgrade(url_of(engine))
    assert inspect(engine).get_table_names() == ["outbox"]


def test_the_newest_revision_is_the_one_that_alembic_ends_at() -> None:
    assert newest() == ScriptDirectory.from_config(configuration()).get_current_head()


def test_a_table_that_no_migration_makes_is_told_apart(new_database: Any) -> None:
    engine = new_database("sqlite")
    upgrade(url_of(engine))
    with transaction(engine) as connection:
        connection.execute(text("DROP TABLE outbox"))
    with reading(engine) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [difference[0] for difference in differences] == ["add_table", "add_index", "add_index"]


@pytest.mark.parametrize("kind", DATABASES)
def test_numbers_that_tell_no_year_are_counted_on_from_the_highest(new_database: Any, kind: str) -> None:
    licence, yearly = (
        "document/SG/certificate/JY{form:1}32990{seq:08d}",
        "document/YJ/certificate/苏〔{year}〕{seq:05d}",
    )
    engine = new_database(kind)
    with transaction(engine) as connection:
        command.upgrade(configuration(connection), "0015")
        rows = [{"scope": f"{licence}/2025", "last": 31}, {"scope": f"{licence}/2026", "last": 7}]
        connection.execute(insert(number_sequence), [*rows, {"scope": f"{yearly}/2026", "last": 5}])
    upgrade(url_of(engine))
    with transaction(engine) as connection:
        assert next_number(connection, licence) == 32
        assert next_number(connection, yearly) == 1


@pytest.mark.parametrize("kind", DATABASES)
def test_payments_that_could_not_be_booked_stay_when_their_key_takes_the_reason_in(
    new_database: Any, kind: str
) -> None:
    engine = new_database(kind)
    about = {"pay_code": "9" * 20, "bank_reference": "R-1", "amount_fen": 5_000, "status": "open"}
    at = datetime(2026, 11, 30, 1, 30, tzinfo=UTC)
    row = {**about, "paid_at": at, "received_at": at, "why": "overpaid"}
    with transaction(engine) as connection:
        command.upgrade(configuration(connection), "0051")
        first = connection.execute(insert(unmatched_payment).returning(unmatched_payment), row).one()
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(insert(unmatched_payment), {**row, "why": "amount_differs"})
    upgrade(url_of(engine))
    with transaction(engine) as connection:
        assert connection.execute(select(unmatched_payment)).all() == [first]
        connection.execute(insert(unmatched_payment), {**row, "why": "amount_differs"})
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(insert(unmatched_payment), row)


@pytest.fixture
def first_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations up to the last one that changes tables, in which new ones can be written."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    all_of_them = sorted((revising.MIGRATIONS / "versions").glob("0*.py"))
    last = max(
        at for at, path in enumerate(all_of_them) if re.search(r"op\.(create|add|drop|alter)_", path.read_text())
    )
    for path in (revising.MIGRATIONS / "env.py", *all_of_them[:last]):
        (folder / path.relative_to(revising.MIGRATIONS)).write_text(path.read_text())
    monkeypatch.setattr("service.database.upgrading.MIGRATIONS", folder)
    monkeypatch.setattr(revising, "MIGRATIONS", folder)
    return folder


def test_a_written_migration_makes_up_the_difference(first_migrations: Path, new_database: Any) -> None:
    written = revising.write_migration("Add what is missing")
    assert written.parent == first_migrations / "versions"
    engine = new_database("sqlite")
    with transaction(engine) as connection:
        command.upgrade(configuration(connection), "head")
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    with pytest.raises(RuntimeError, match="the same"):
        revising.write_migration("Add nothing")
