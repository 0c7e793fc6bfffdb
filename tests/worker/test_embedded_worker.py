"""The embedded worker: Celery over a folder, in a child that does its work, dies with its parent and is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from service.clock import real_now
from service.database.session import create_database_engine
from service.database.tables import case, event, notice
from service.standins.serving import RunningServer
from service.standins.sms import SmsGateway
from service.worker.embedded import STOP_SECONDS, EmbeddedWorker
from tests.commands.office import Office
from tests.worker.conftest import an_office
from tests.worker.processes import MINGJING, ROOT, environment, kill_group, make_due, members, told, wait_until

pytestmark = pytest.mark.slow
ITEM = "LJ-YJ-XK-001"
COMMAND = [*MINGJING, "worker", "--embedded"]


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    engine = create_database_engine(sqlite_url)
    office = an_office(engine, tmp_path)
    yield office
    office.close()
    engine.dispose()


@pytest.fixture
def start(office: Office, sqlite_url: str, tmp_path: Path) -> Iterator[Callable[..., EmbeddedWorker]]:
    running: list[EmbeddedWorker] = []

    def start(**more: str) -> EmbeddedWorker:
        running.append(EmbeddedWorker(COMMAND, environment(tmp_path, sqlite_url, **more)))
        return running[-1]

    yield start
    for worker in running:
        worker.stop()


def test_a_limit_that_passes_becomes_an_order_and_a_text_message(
    office: Office, start: Callable[..., EmbeddedWorker], serve: Callable[..., RunningServer], tmp_path: Path
) -> None:
    settings = office.services.settings
    office.start(ITEM)
    # The worker runs by the system's clock, and so does the gateway.
    server = serve(SmsGateway(key=settings.bank_key, now=real_now, folder=tmp_path / "sms"))
    start(MINGJING_SMS_URL=server.url)
    make_due(office)
    wait_until(lambda: told(office, office.number))
    assert any('"red"' in payload for payload in told(office, office.number))
    wait_until(lambda: office.orders())
    wait_until(lambda: requests.get(f"{server.url}/messages", timeout=5).json()["total"])
    wait_until(
        lambda: {row.status for row in office.rows(select(notice).where(notice.c.channel == "sms"))} == {"delivered"}
    )


def test_a_worker_that_is_killed_is_replaced_and_its_work_goes_on(
    office: Office, start: Callable[..., EmbeddedWorker]
) -> None:
    worker = start()
    office.start(ITEM)
    make_due(office)
    wait_until(lambda: told(office, office.number))
    before = worker.pid
    os.kill(before, signal.SIGKILL)
    office.start(ITEM)
    make_due(office)
    wait_until(lambda: told(office, office.number))
    assert worker.pid != before
    assert members(before) == []


def test_what_a_worker_killed_in_the_middle_of_a_sweep_left_is_fired_once(
    office: Office, start: Callable[..., EmbeddedWorker]
) -> None:
    numbers = []
    for _ in range(40):
        numbers.append(office.start(ITEM))
        make_due(office)
    worker = start()
    reached = select(func.count(func.distinct(event.c.case_id))).where(event.c.kind == "limit_reached")
    wait_until(lambda: office.rows(reached)[0][0] >= 3)
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: office.rows(reached)[0][0] >= 40)
    for number in numbers:
        colours = told(office, number)
        assert len(colours) == len(set(colours)), number
    office.expect_a_sound_record()


def test_stopping_leaves_no_process_and_takes_less_than_three_seconds(
    office: Office, start: Callable[..., EmbeddedWorker]
) -> None:
    worker = start()
    office.start(ITEM)
    make_due(office)
    wait_until(lambda: told(office, office.number))
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < STOP_SECONDS + 1
    assert members(worker.pid) == []
    worker.stop()


def test_a_worker_that_has_hardly_begun_can_be_stopped(start: Callable[..., EmbeddedWorker]) -> None:
    worker = start()
    worker.stop()
    assert members(worker.pid) == []


PARENT = """
import os, sys, time
from service.worker.embedded import EmbeddedWorker
worker = EmbeddedWorker(sys.argv[1:], os.environ)
print(worker.pid, flush=True)
time.sleep(600)
"""


def test_a_parent_that_is_killed_takes_its_worker_with_it(office: Office, sqlite_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, *COMMAND]
    environ = environment(tmp_path, sqlite_url)
    parent = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        try:
            office.start(ITEM)
            make_due(office)
            wait_until(lambda: told(office, office.number))
            parent.kill()
            wait_until(lambda: not members(worker), seconds=10)
        finally:
            kill_group(worker)
    assert office.rows(select(func.count()).select_from(case))[0][0] >= 1
