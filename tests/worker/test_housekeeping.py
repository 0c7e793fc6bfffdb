"""Once a day what nobody needs any more is swept away, whoever asks, however often, and whatever was missed."""

from __future__ import annotations

import io
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select

from service.attachments.objects import file_store
from service.clock import real_now
from service.commands import housekeeping
from service.commands.housekeeping import GIVEN_UP_AFTER, KEEP_SENT, keep_house
from service.database.session import create_database_engine, reading, transaction
from service.database.tables import attachment, idempotency, outbox, session, setting
from service.notices.outbox import DEAD, SENT, WAITING
from service.settings import read_settings
from service.worker.application import create_celery
from service.worker.embedded import EmbeddedWorker
from tests.commands.office import Office
from tests.worker.conftest import an_office
from tests.worker.processes import MINGJING, environment, wait_until

NOW = real_now()
DAY = timedelta(days=1)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def count(engine: Engine, table: object) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def an_answer(engine: Engine, key: str, age: timedelta) -> None:
    row = {"key": key, "scope": "s", "body_hash": "h", "status": 200, "answer": b"", "headers": {}}
    with transaction(engine) as connection:
        connection.execute(insert(idempotency), {**row, "created_at": NOW - age})


def test_answers_sessions_and_messages_go_when_they_are_old_and_stay_when_they_are_not(office: Office) -> None:
    an_answer(office.engine, "old", 8 * DAY)
    an_answer(office.engine, "young", 6 * DAY)
    common = {"person_id": office.ids["yj_clerk"], "kind": "cookie", "csrf_token": "x", "created_at": NOW}
    rows = [
        {**common, "token_hash": "ended", "expires_at": NOW - DAY},
        {**common, "token_hash": "on", "expires_at": NOW + DAY},
    ]
    with transaction(office.engine) as connection:
        connection.execute(insert(session), rows)
        for state in (SENT, DEAD, WAITING):
            message = {"kind": "k", "idempotency_key": f"k/{state}", "payload": {}, "attempts": 1, "state": state}
            at = NOW - KEEP_SENT - DAY
            connection.execute(insert(outbox), {**message, "created_at": at, "next_at": at})
    swept = keep_house(office.engine, office.services, NOW)
    nothing = {"files": 0, "uploads": 0, "certificates": 0, "confirmations": 0, "previews": 0}
    assert swept == {"answers": 1, "sessions": 1, "messages": 1, **nothing}
    with reading(office.engine) as connection:
        assert list(connection.execute(select(idempotency.c.key)).scalars()) == ["young"]
        assert list(connection.execute(select(session.c.token_hash)).scalars()) == ["on"]
        assert sorted(connection.execute(select(outbox.c.state).where(outbox.c.kind == "k")).scalars()) == [
            WAITING,
            DEAD,
        ]


def test_a_file_that_nothing_refers_to_goes_after_a_day_and_a_files_bytes_stay(office: Office) -> None:
    settings = office.services.settings
    files = file_store(settings.files_url, settings.files_folder, settings.upload_limit_bytes)
    kept = []
    for content in (PDF, PDF + b"stray", PDF + b"young"):
        with files.staged(io.BytesIO(content)) as staged:
            files.keep(staged)
            kept.append(staged.digest)
    for digest in kept[:2]:
        os.utime(files.place(digest), (0, 0))
    office.start("LJ-YJ-XK-001")
    row = {"material": "m", "filename": "f", "media_type": "application/pdf", "size": 1, "uploaded_at": NOW}
    with transaction(office.engine) as connection:
        connection.execute(insert(attachment), {**row, "case_id": office.case().id, "digest": kept[0]})
    swept = keep_house(office.engine, office.services, NOW)
    assert swept is not None and swept["files"] == 1
    assert [files.place(digest).exists() for digest in kept] == [True, False, True]


def test_it_is_done_once_a_day_and_a_day_that_was_missed_is_made_up_for(office: Office) -> None:
    assert keep_house(office.engine, office.services, NOW) is not None
    assert keep_house(office.engine, office.services, NOW + timedelta(hours=23)) is None
    assert keep_house(office.engine, office.services, NOW + 5 * DAY) is not None


def test_two_at_once_do_it_once(office: Office) -> None:
    done: list[object] = []
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        done.append(keep_house(office.engine, office.services, NOW))

    keep_house(office.engine, office.services, NOW - 2 * DAY)
    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(done) == 2 and done.count(None) == 1


def test_who_dies_in_the_middle_is_followed_by_somebody_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(housekeeping, "_files", die)
        keep_house(office.engine, office.services, NOW)
    assert keep_house(office.engine, office.services, NOW + timedelta(minutes=5)) is None
    assert keep_house(office.engine, office.services, NOW + GIVEN_UP_AFTER) is not None


def test_beat_asks_often_enough_that_a_lost_message_costs_minutes(tmp_path: Path) -> None:
    entry = create_celery(read_settings({}, data=tmp_path)).conf.beat_schedule["keep_house"]
    assert entry["task"] == "keep_house" and entry["schedule"] <= 3600


@pytest.mark.slow
def test_the_embedded_worker_keeps_the_house(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_database_engine(sqlite_url)
    an_answer(engine, "old", 8 * DAY)
    office = an_office(engine, tmp_path)
    app = create_celery(office.services.settings)
    worker = EmbeddedWorker([*MINGJING, "worker", "--embedded"], environment(tmp_path, sqlite_url))
    try:
        app.send_task("keep_house")
        wait_until(lambda: count(engine, idempotency) == 0)
        wait_until(lambda: "ended" in _state(engine))
    finally:
        worker.stop()
        app.close()
        engine.dispose()


def _state(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        found = connection.execute(select(setting.c.content).where(setting.c.name == "housekeeping"))
        return dict(found.scalar_one_or_none() or {})
