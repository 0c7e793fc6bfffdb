"""The county at work, with whoever works without being asked: sweeps, the outbox, and real gateways on loopback."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from service.clock import MovedClock
from service.commands.services import build_services
from service.database.session import create_database_engine, transaction
from service.database.upgrading import upgrade
from service.demo.county import found_county
from service.settings import read_settings
from service.standins.application import StandIn
from service.standins.serving import RunningServer, serve_in_thread
from tests.commands.office import MONDAY, Office
from tests.servers.postgresql import Postgresql

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_NUMBERS = itertools.count(1)


def found(url: str, folder: Path) -> str:
    upgrade(url)
    engine = create_database_engine(url)
    services = build_services(read_settings({"MINGJING_DATABASE_URL": url}, data=folder))
    with transaction(engine) as connection:
        found_county(connection, services, MONDAY)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    found(f"sqlite:///{folder / 'county.db'}", folder)
    return folder / "county.db"


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> str:
    name = f"worker_template_{_WORKER}_{next(_NUMBERS)}"
    found(postgresql_server.create_database(name), tmp_path_factory.mktemp("template"))
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A founded county of the test's own, where `mingjing` looks for it in the data folder `tmp_path`."""
    shutil.copyfile(sqlite_template, tmp_path / "mingjing.db")
    return f"sqlite:///{tmp_path / 'mingjing.db'}"


@pytest.fixture
def postgresql_url(postgresql_server: Postgresql, postgresql_template: str) -> Iterator[str]:
    name = f"worker_{_WORKER}_{next(_NUMBERS)}"
    yield postgresql_server.create_database(name, template=postgresql_template)
    postgresql_server.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The founded county on each database in turn."""
    engine = create_database_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Iterator[Office]:
    office = an_office(engine, tmp_path)
    yield office
    office.close()


def an_office(engine: Engine, folder: Path) -> Office:
    return Office(engine, build_services(read_settings({}, data=folder), MovedClock(MONDAY)))


@pytest.fixture
def serve() -> Iterator[Callable[..., RunningServer]]:
    """Starts a stand-in on a port; closed when the test ends, if not before."""
    running: list[RunningServer] = []

    def start(app: StandIn, port: int = 0) -> RunningServer:
        running.append(serve_in_thread(app, port=port)[0])
        return running[-1]

    yield start
    for server in running:
        server.close()
