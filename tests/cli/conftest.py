"""The command line on a founded county of the test's own: in this process, and as a program of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert

from service import main
from service.clock import MovedClock
from service.commands.services import build_services
from service.database.session import create_database_engine, transaction
from service.database.tables import setting
from service.database.upgrading import upgrade
from service.demo.county import found_county
from service.demo.standing import LOADED, SETTING
from service.settings import read_settings
from tests.commands.office import MONDAY, Office


@pytest.fixture
def mingjing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Calls a command with the data folder `tmp_path`. Logging belongs to a process of its own."""
    monkeypatch.setattr(main, "configure_logging", lambda: None)

    def call(*arguments: object, **environment: str) -> Result:
        # None: what a command sets there for its own process is gone again after it.
        told: dict[str, Any] = {"MINGJING_DATA": str(tmp_path), "PROMETHEUS_MULTIPROC_DIR": None, **environment}
        return CliRunner().invoke(main.cli, [str(each) for each in arguments], env=told)

    return call


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county that stands, without cases."""
    folder = tmp_path_factory.mktemp("founded")
    settings = read_settings({}, data=folder)
    upgrade(settings.database_url)
    engine = create_database_engine(settings.database_url)
    with transaction(engine) as connection:
        found_county(connection, build_services(settings), MONDAY)
        connection.execute(insert(setting), {"name": SETTING, "content": LOADED})
    engine.dispose()
    return folder / "mingjing.db"


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> Office:
    """The county in the data folder that commands of this test work on."""
    shutil.copyfile(founded, tmp_path / "mingjing.db")
    settings = read_settings({}, data=tmp_path)
    return Office(engine_of(tmp_path), build_services(settings, MovedClock(MONDAY)))


def engine_of(folder: Path) -> Engine:
    return create_database_engine(f"sqlite:///{folder / 'mingjing.db'}")
