"""Servers stop, forget and come back in the middle of work: what was acknowledged is kept, nothing happens twice.

They are servers of these tests' own, since others share theirs.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from service.clock import real_now
from service.database.session import create_database_engine
from service.database.tables import case, event, incident
from service.demo.county import PASSWORD
from tests.commands.office import Office
from tests.servers.postgresql import Postgresql, PostgresqlServer
from tests.servers.processes import free_port
from tests.servers.rabbitmq import Rabbitmq, RabbitmqServer
from tests.worker.conftest import an_office, found
from tests.worker.processes import MINGJING, environment, make_due, process, told, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.postgresql, pytest.mark.slow]
ITEM = "LJ-YJ-XK-001"
REACHED = select(func.count(func.distinct(event.c.case_id))).where(event.c.kind == "limit_reached")
WORKER = [*MINGJING, "worker", "--concurrency", "2"]
BEAT = [*MINGJING, "beat"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that the servers' own users may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="mingjing-faults-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def rabbitmq(folder: Path) -> Iterator[RabbitmqServer]:
    server = RabbitmqServer(folder / "rabbitmq")
    yield server
    server.stop()


@pytest.fixture
def postgresql(folder: Path) -> Iterator[PostgresqlServer]:
    server = PostgresqlServer(folder / "postgresql")
    yield server
    server.stop()


@pytest.fixture
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """On the run's server."""
    engine = create_database_engine(request.getfixturevalue("postgresql_url"))
    office = an_office(engine, tmp_path)
    yield office
    office.close()
    engine.dispose()


def due_cases(office: Office, count: int) -> list[str]:
    numbers = []
    for _ in range(count):
        numbers.append(office.start(ITEM))
        make_due(office)
    return numbers


def expect_each_told_once(office: Office, numbers: list[str]) -> None:
    for number in numbers:
        colours = told(office, number)
        assert colours and len(colours) == len(set(colours)), number
    assert office.rows(select(incident)) == []
    office.expect_a_sound_record()


def test_timers_fire_once_though_the_broker_stops_and_forgets_its_queues_and_two_beats_run(
    office: Office, rabbitmq: RabbitmqServer, postgresql_url: str, tmp_path: Path
) -> None:
    url = Rabbitmq(**rabbitmq.start()).url()
    environ = environment(tmp_path, postgresql_url, MINGJING_BROKER_URL=url)
    with ExitStack() as stack:
        for name, arguments in (("beat", BEAT), ("second_beat", BEAT), ("worker", WORKER)):
            stack.enter_context(process(arguments, environ, tmp_path / f"{name}.log"))
        numbers = due_cases(office, 3)
        wait_until(lambda: office.rows(REACHED)[0][0] >= 3, what=(tmp_path / "worker.log").read_text())
        rabbitmq.stop()
        numbers += due_cases(office, 10)
        time.sleep(3)  # looks that nobody hears
        rabbitmq.forget()
        rabbitmq.start_again()
        wait_until(lambda: office.rows(REACHED)[0][0] >= 13, what=(tmp_path / "worker.log").read_text())
        wait_until(lambda: office.orders(numbers[-1]))
    expect_each_told_once(office, numbers)


def test_a_database_that_crashes_in_the_middle_loses_nothing_and_worker_and_web_go_on(
    postgresql: PostgresqlServer, rabbitmq_url: str, tmp_path: Path
) -> None:
    server = Postgresql(**postgresql.start())
    url = found(server.create_database("county"), tmp_path)
    engine = create_database_engine(url)
    office = an_office(engine, tmp_path)
    port = free_port()
    environ = environment(tmp_path, url, MINGJING_BROKER_URL=rabbitmq_url)
    web = [*MINGJING, "serve", "--port", str(port), "--workers", "1"]
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        stack.callback(office.close)
        numbers = due_cases(office, 25)
        for name, arguments in (("beat", BEAT), ("worker", WORKER), ("web", web)):
            stack.enter_context(process(arguments, environ, tmp_path / f"{name}.log"))
        wait_until(lambda: signs_in(port), what=(tmp_path / "web.log").read_text())
        wait_until(lambda: office.rows(REACHED)[0][0] >= 3, what=(tmp_path / "worker.log").read_text())
        office.close()
        acknowledged: list[str] = []
        stop = threading.Event()
        clerk = threading.Thread(target=starting, args=(office, acknowledged, stop))
        clerk.start()
        wait_until(lambda: len(acknowledged) >= 3)
        postgresql.crash()
        before = len(acknowledged)
        time.sleep(1)
        postgresql.start_again()
        wait_until(lambda: len(acknowledged) >= before + 3)
        stop.set()
        clerk.join(60)
        wait_until(lambda: signs_in(port), seconds=30, what=(tmp_path / "web.log").read_text())
        wait_until(lambda: reached(office, numbers), what=(tmp_path / "worker.log").read_text())
        kept = {row.number for row in office.rows(select(case.c.number))}
        assert set(acknowledged) <= kept
        expect_each_told_once(office, numbers)


def reached(office: Office, numbers: list[str]) -> bool:
    return all(told(office, number) for number in numbers)


def starting(office: Office, acknowledged: list[str], stop: threading.Event) -> None:
    """A clerk who goes on taking applications in, and notes those that were acknowledged."""
    office.now = real_now()
    while not stop.is_set():
        try:
            acknowledged.append(office.start(ITEM))
        except DBAPIError:
            time.sleep(0.1)


def signs_in(port: int) -> bool:
    given = {"username": "yj_clerk", "password": PASSWORD}
    try:
        return requests.post(f"http://127.0.0.1:{port}/api/v1/sessions", json=given, timeout=5).status_code == 201
    except requests.ConnectionError:
        return False
