"""One county for every test: built once a run on each database, then copied, so that a test owns all that it sees."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, func, select

from service.clock import MovedClock
from service.commands.services import Services, build_services
from service.database.session import create_database_engine, transaction
from service.database.tables import metadata, process_definition
from service.database.upgrading import upgrade
from service.definitions.bundle import Bundle, BundleCache
from service.demo.county import found_county
from service.settings import Settings, read_settings
from tests.commands.office import CST, MONDAY, Office
from tests.servers.postgresql import Postgresql

FOUNDED = datetime(2026, 1, 5, 9, 0, tzinfo=CST)
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_COUNTIES = count(1)


@dataclass(frozen=True)
class County:
    """The founded county that tests copy, and what it has parsed once: `bundles` up to definition `last_shipped`."""

    url: str
    bundles: BundleCache
    last_shipped: int


@dataclass(frozen=True)
class Desk:
    """One engine for all tests on a database, so that statements are compiled once; `clear` copies the county anew."""

    engine: Engine
    county: County
    clear: Callable[[], object]


class CountyBundles(BundleCache):
    """What shipped with the county comes from the run's own cache; what a test deploys stays with the test."""

    def __init__(self, county: County) -> None:
        super().__init__(100)
        self._county = county

    def get(self, connection: Connection, definition_id: int) -> Bundle:
        if definition_id <= self._county.last_shipped:
            return self._county.bundles.get(connection, definition_id)
        return super().get(connection, definition_id)


def _found(url: str, folder: Path) -> County:
    upgrade(url)
    engine = create_database_engine(url)
    services = build_services(_settings(url, folder))
    with transaction(engine) as connection:
        found_county(connection, services, FOUNDED)
        last = connection.execute(select(func.max(process_definition.c.id))).scalar_one()
    engine.dispose()
    return County(url, services.bundles, last)


def _settings(url: str, folder: Path) -> Settings:
    return read_settings({"MINGJING_DATABASE_URL": url}, data=folder)


@pytest.fixture(scope="session")
def sqlite_county(tmp_path_factory: pytest.TempPathFactory) -> County:
    folder = tmp_path_factory.mktemp("county")
    return _found(f"sqlite:///{folder / 'county.sqlite3'}", folder)


@pytest.fixture(scope="session")
def postgresql_county(postgresql_server: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> County:
    folder = tmp_path_factory.mktemp("county")
    # Several folders of tests take this fixture in, each with a county of its own.
    return _found(postgresql_server.create_database(f"county_{_WORKER}_{next(_COUNTIES)}"), folder)


@pytest.fixture(scope="session")
def sqlite_desk(sqlite_county: County, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    county = Path(sqlite_county.url.removeprefix("sqlite:///"))
    file = tmp_path_factory.mktemp("office") / "office.sqlite3"
    engine = create_database_engine(f"sqlite:///{file}")

    def clear() -> None:
        for part in file.parent.iterdir():  # The file, and what SQLite keeps beside it.
            part.unlink()
        shutil.copyfile(county, file)

    yield Desk(engine, sqlite_county, clear)
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_desk(postgresql_server: Postgresql, postgresql_county: County) -> Iterator[Desk]:
    """A clone takes a fifth of a second, putting its rows back a tenth of that: so one clone is put in order again."""
    template = postgresql_county.url.rpartition("/")[2]
    url = postgresql_server.create_database(template.replace("county", "office"), template=template)
    engine = create_database_engine(url)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as keeper:
        script = _script_that_restores(keeper)
        yield Desk(engine, postgresql_county, lambda: keeper.execute(script, prepare=False))
    engine.dispose()


def _script_that_restores(keeper: psycopg.Connection[Any]) -> bytes:
    """Keep the county's rows beside the tables; the SQL that puts all tables and sequences back to them."""
    keeper.execute("CREATE SCHEMA kept; SET lock_timeout = '10s'")
    steps = ["BEGIN", "SET LOCAL session_replication_role = replica"]
    for table in metadata.sorted_tables:
        keeper.execute(f'CREATE TABLE kept."{table.name}" AS TABLE public."{table.name}"'.encode())
        filled = keeper.execute(f'SELECT EXISTS (SELECT FROM kept."{table.name}")'.encode()).fetchone()
        steps.append(f'DELETE FROM public."{table.name}"')
        if filled and filled[0]:
            steps.append(f'INSERT INTO public."{table.name}" SELECT * FROM kept."{table.name}"')
    for name, last in keeper.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall():
        steps.append(f"SELECT setval('public.{name}', {last or 1}, {'true' if last else 'false'})")
    return "; ".join([*steps, "COMMIT"]).encode()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def desk(request: pytest.FixtureRequest) -> Desk:
    """A fresh copy of the county on each database in turn."""
    desk: Desk = request.getfixturevalue(f"{request.param}_desk")
    desk.engine.dispose()
    desk.clear()
    return desk


@pytest.fixture
def office(desk: Desk, tmp_path: Path) -> Iterator[Office]:
    """The county at work on a Monday morning; afterwards its whole record must hold."""
    services: Services = build_services(_settings(desk.county.url, tmp_path), MovedClock(MONDAY))
    services.bundles = CountyBundles(desk.county)
    office = Office(desk.engine, services)
    yield office
    office.close()
    office.expect_a_sound_record()
