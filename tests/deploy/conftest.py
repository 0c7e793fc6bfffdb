"""A founded county on each database, of each test's own, for processes that run as an installation runs them."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.commands.services import build_services
from service.database.session import create_database_engine
from service.settings import read_settings
from tests.commands.office import Office
from tests.servers.postgresql import Postgresql
from tests.service_fixtures import Founded, found, settings_of

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def founded_county(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """On SQLite: a file to copy."""
    return found(settings_of(tmp_path_factory.mktemp("founded")))


@pytest.fixture(scope="session")
def founded_on_postgresql(
    postgresql_server: Postgresql, founded_county: Founded, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of a template database."""
    name = f"deploy_{_WORKER}"
    found(
        settings_of(tmp_path_factory.mktemp("founded"), MINGJING_DATABASE_URL=postgresql_server.create_database(name))
    )
    return name


@pytest.fixture
def sqlite_url(founded_county: Founded, tmp_path: Path) -> str:
    """Where `mingjing` looks for its database in the data folder `tmp_path`."""
    shutil.copy(founded_county.settings.data / "mingjing.db", tmp_path / "mingjing.db")
    return f"sqlite:///{tmp_path / 'mingjing.db'}"


@pytest.fixture
def postgresql_url(postgresql_server: Postgresql, founded_on_postgresql: str) -> Iterator[str]:
    name = f"deploy_{_WORKER}_{next(_NUMBERS)}"
    yield postgresql_server.create_database(name, template=founded_on_postgresql)
    postgresql_server.drop_database(name)


@pytest.fixture
def empty_url(postgresql_server: Postgresql) -> Iterator[str]:
    """A database of PostgreSQL without a schema."""
    name = f"deploy_{_WORKER}_{next(_NUMBERS)}"
    yield postgresql_server.create_database(name)
    postgresql_server.drop_database(name)


def office_on(url: str, folder: Path) -> Office:
    """The county's people on a database, by the commands."""
    return Office(create_database_engine(url), build_services(read_settings({}, data=folder)))
