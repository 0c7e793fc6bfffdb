"""The folder as a broker: what lies there half written or emptied is skipped, and the worker lives on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from celery import Celery
from kombu import Connection, Exchange, Queue

from service.settings import read_settings
from service.worker.application import QUEUE, create_celery

TASKS = Queue(QUEUE, Exchange(QUEUE), routing_key=QUEUE)


@pytest.fixture
def app(tmp_path: Path) -> Celery:
    return create_celery(read_settings({}, data=tmp_path))


def put(connection: Connection, *words: str) -> None:
    with connection.Producer() as producer:
        for word in words:
            producer.publish(word, exchange=TASKS.exchange, routing_key=QUEUE, declare=[TASKS])


def got(connection: Connection) -> list[str]:
    queue = TASKS(connection.default_channel)
    queue.declare()
    found = []
    while (message := queue.get(no_ack=True)) is not None:
        found.append(message.payload)
    return found


@pytest.mark.parametrize("content", [b"", b'{"body": "ey', b"\xff\xfe", b"[]"], ids=["empty", "half", "bytes", "list"])
def test_a_message_that_cannot_be_read_is_skipped_and_those_behind_it_come(
    app: Celery, tmp_path: Path, content: bytes
) -> None:
    with app.connection_for_read() as connection:
        put(connection, "first", "second", "third")
        first, *_ = sorted(read_settings({}, data=tmp_path).queue_folder.glob("*.msg"))
        first.write_bytes(content)
        assert got(connection) == ["second", "third"]
        assert got(connection) == []


def test_a_reader_never_sees_a_message_before_it_is_whole(app: Celery, tmp_path: Path) -> None:
    folder = read_settings({}, data=tmp_path).queue_folder
    with app.connection_for_write() as connection:
        put(connection, "one")
        written = list(folder.glob("*.msg"))
        assert len(written) == 1
        assert written[0].stat().st_size > 0
        assert not [each for each in folder.iterdir() if each.is_file() and each.suffix != ".msg"]


def test_a_folder_that_is_cleared_away_is_made_again(app: Celery, tmp_path: Path) -> None:
    with app.connection_for_write() as connection:
        put(connection, "lost")
        shutil.rmtree(read_settings({}, data=tmp_path).queue_folder)
        assert got(connection) == []
        put(connection, "two")
        assert got(connection) == ["two"]


def test_bindings_half_written_by_an_older_version_do_no_harm(app: Celery, tmp_path: Path) -> None:
    (read_settings({}, data=tmp_path).queue_folder / "control" / f"{QUEUE}.exchange").touch()
    with app.connection_for_write() as connection:
        put(connection, "one")
        assert got(connection) == ["one"]
