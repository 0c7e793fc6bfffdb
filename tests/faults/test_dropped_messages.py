"""The broker's messages only say "look": whoever throws them away after a commit delays a timer, and loses none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.database.session import create_database_engine
from service.database.tables import event
from service.settings import read_settings
from service.worker.embedded import EmbeddedWorker
from tests.commands.office import Office
from tests.worker.conftest import an_office
from tests.worker.processes import MINGJING, environment, make_due, told, wait_until

pytestmark = pytest.mark.slow
ITEM = "LJ-YJ-XK-001"
REACHED = select(func.count(func.distinct(event.c.case_id))).where(event.c.kind == "limit_reached")


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    engine = create_database_engine(sqlite_url)
    office = an_office(engine, tmp_path)
    yield office
    office.close()
    engine.dispose()


class Thief:
    """Takes every message away from a folder as soon as it appears."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._stop, self.taken = folder, threading.Event(), 0
        self._thread = threading.Thread(target=self._steal)
        self._thread.start()

    def _steal(self) -> None:
        while not self._stop.wait(0.002):
            for file in self._folder.glob("*.msg"):
                file.unlink(missing_ok=True)
                self.taken += 1

    def leave(self) -> None:
        self._stop.set()
        self._thread.join()


def test_a_timer_whose_messages_are_all_dropped_fires_once_with_the_next_that_arrives(
    office: Office, sqlite_url: str, tmp_path: Path
) -> None:
    queue = read_settings({}, data=tmp_path).queue_folder
    queue.mkdir(parents=True, exist_ok=True)
    worker = EmbeddedWorker([*MINGJING, "worker", "--embedded"], environment(tmp_path, sqlite_url))
    try:
        office.start(ITEM)
        make_due(office)
        wait_until(lambda: office.rows(REACHED)[0][0] == 1)
        thief = Thief(queue)
        wait_until(lambda: thief.taken >= 4, seconds=30)
        number = office.start(ITEM)
        make_due(office)
        before = thief.taken
        wait_until(lambda: thief.taken >= before + 4, seconds=30)
        thief.leave()
        wait_until(lambda: told(office, number), seconds=30)
        wait_until(lambda: office.orders(number), seconds=30)
    finally:
        worker.stop()
    assert len(told(office, number)) == len(set(told(office, number)))
    assert len(office.orders(number)) == 1
    office.expect_a_sound_record()
