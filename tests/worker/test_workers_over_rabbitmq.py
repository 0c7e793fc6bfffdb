"""Workers and beat as a province runs them: PostgreSQL, and quorum queues on RabbitMQ."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import amqp
import pytest
from sqlalchemy import func, select

from service.database.session import create_database_engine
from service.database.tables import event
from service.settings import read_settings
from service.worker.application import QUEUE
from service.worker.broker import broker_trouble
from tests.commands.office import Office
from tests.worker.conftest import an_office
from tests.worker.processes import MINGJING, environment, make_due, members, process, told, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.postgresql, pytest.mark.slow]
ITEM = "LJ-YJ-XK-001"


@pytest.fixture
def office(postgresql_url: str, tmp_path: Path) -> Iterator[Office]:
    engine = create_database_engine(postgresql_url)
    office = an_office(engine, tmp_path)
    yield office
    office.close()
    engine.dispose()


@pytest.fixture
def environ(postgresql_url: str, rabbitmq_url: str, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path, postgresql_url, MINGJING_BROKER_URL=rabbitmq_url)


WORKER = [*MINGJING, "worker", "--concurrency", "2"]
BEAT = [*MINGJING, "beat"]


def test_workers_fire_each_timer_once_whoever_of_them_is_killed(
    office: Office, environ: dict[str, str], tmp_path: Path
) -> None:
    numbers = []
    for _ in range(30):
        numbers.append(office.start(ITEM))
        make_due(office)
    reached = select(func.count(func.distinct(event.c.case_id))).where(event.c.kind == "limit_reached")
    with ExitStack() as stack:
        beat = stack.enter_context(process(BEAT, environ, tmp_path / "beat.log"))
        first = stack.enter_context(process(WORKER, environ, tmp_path / "first.log"))
        wait_until(lambda: office.rows(reached)[0][0] >= 3, what=(tmp_path / "first.log").read_text())
        second = stack.enter_context(process(WORKER, environ, tmp_path / "second.log"))
        first.send_signal(signal.SIGKILL)
        wait_until(lambda: office.rows(reached)[0][0] >= 30)
        wait_until(lambda: office.orders(numbers[-1]))
        second.send_signal(signal.SIGTERM)
        assert second.wait(20) == 0, (tmp_path / "second.log").read_text()
        wait_until(lambda: members(second.pid) == [], seconds=10)
        beat.send_signal(signal.SIGTERM)
        assert beat.wait(20) == 0, (tmp_path / "beat.log").read_text()
    for number in numbers:
        colours = told(office, number)
        assert len(colours) == len(set(colours)), number
    office.expect_a_sound_record()


def test_the_queue_is_kept_by_a_quorum_of_nodes(environ: dict[str, str], rabbitmq_url: str, tmp_path: Path) -> None:
    user, _, rest = rabbitmq_url.removeprefix("amqp://").partition(":")
    password, _, rest = rest.partition("@")
    host, _, vhost = rest.partition("/")

    def declared(**how: Any) -> bool:
        """Whether the queue is there already, and is like this."""
        with amqp.Connection(host, user, password, virtual_host=vhost) as connection:
            try:
                connection.channel().queue_declare(QUEUE, auto_delete=False, **how)
            except (amqp.NotFound, amqp.PreconditionFailed):
                return False
            return True

    with process(WORKER, environ, tmp_path / "worker.log"):
        wait_until(lambda: declared(passive=True))
    assert declared(durable=True, arguments={"x-queue-type": "quorum"})
    assert not declared(durable=True, arguments={"x-queue-type": "classic"})


def test_a_broker_that_answers_is_no_trouble_and_one_that_does_not_is_named(rabbitmq_url: str, tmp_path: Path) -> None:
    answers = read_settings({"MINGJING_BROKER_URL": rabbitmq_url}, data=tmp_path)
    silent = read_settings({"MINGJING_BROKER_URL": "amqp://127.0.0.1:9"}, data=tmp_path)
    assert broker_trouble(answers) == ""
    assert "refused" in broker_trouble(silent)
