"""The drill: back up while people work, restore elsewhere; every act is there, the chain holds, timers go on."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select

from service import main
from service.attachments.store import FileStore
from service.clock import real_now
from service.commands.attach_file import AttachFile, attach_file
from service.database.session import transaction
from service.database.tables import attachment, case
from service.worker.sweeping import sweep
from tests.commands.office import Office
from tests.deploy.conftest import office_on
from tests.service_fixtures import PDF
from tests.worker.processes import MINGJING, ROOT, environment, make_due, told, wait_until

pytestmark = pytest.mark.slow
ITEM = "LJ-YJ-XK-001"
KEY = "a key that the drill brings along with it"
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def mingjing(folder: Path, url: str, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *MINGJING, *map(str, arguments)]
    environ = environment(folder, url, **{"MINGJING_SECRET_KEY": KEY, **more})
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The same in this process, for what ends early."""
    monkeypatch.setattr(main, "configure_logging", lambda: None)

    def call(folder: Path, url: str, *arguments: object, **more: str) -> Result:
        told = {"MINGJING_DATA": str(folder), "MINGJING_DATABASE_URL": url, "MINGJING_SECRET_KEY": KEY, **more}
        return CliRunner().invoke(main.cli, [str(each) for each in arguments], env=told)

    return call


def hand_in(office: Office, folder: Path, number: str, content: bytes) -> str:
    """A scan of the application; its digest."""
    store = FileStore(folder / "files", 1_000_000)
    with store.staged(io.BytesIO(content)) as staged, transaction(office.engine) as connection:
        command = AttachFile(number, "application_form", "scan.pdf", staged, store.keep)
        attach_file(connection, office.services, office.actor("clerk", number), command, office.now)
        return staged.digest


@pytest.mark.parametrize("kind", DATABASES)
def test_a_backup_made_under_load_is_restored_elsewhere_with_every_act_before_it(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url, folder = request.getfixturevalue(f"{kind}_url"), tmp_path
    office = office_on(url, folder)
    due = office.start(ITEM)
    make_due(office)
    digest = hand_in(office, folder, due, PDF)
    acknowledged, over = [due], threading.Event()

    def work() -> None:
        clerk = office_on(url, folder)
        while not over.is_set():
            number = clerk.start(ITEM)
            hand_in(clerk, folder, number, PDF + number.encode())
            acknowledged.append(number)
        clerk.close()
        clerk.engine.dispose()

    clerks = [threading.Thread(target=work) for _ in range(2)]
    for clerk in clerks:
        clerk.start()
    wait_until(lambda: len(acknowledged) > 10)
    before = list(acknowledged)
    backup = tmp_path / "backup"
    made = mingjing(folder, url, "db", "backup", backup, "--format", "json")
    over.set()
    for clerk in clerks:
        clerk.join()
    assert made.returncode == 0, made.stderr
    assert len(acknowledged) > len(before), "people went on"
    elsewhere = tmp_path / "elsewhere"
    other = f"sqlite:///{elsewhere / 'mingjing.db'}" if kind == "sqlite" else request.getfixturevalue("empty_url")
    restored = mingjing(elsewhere, other, "db", "restore", backup, "--format", "json")
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout) == json.loads(made.stdout)
    verified = mingjing(elsewhere, other, "audit", "verify", "--format", "json")
    assert verified.returncode == 0, verified.stdout
    there = office_on(other, elsewhere)
    known = {row.number for row in there.rows(select(case.c.number))}
    assert set(before) <= known <= set(acknowledged) | {due}
    assert json.loads(verified.stdout)["cases"] == len(known) == json.loads(made.stdout)["cases"]
    for row in there.rows(select(attachment.c.digest)):
        bytes_there = (elsewhere / "files" / row.digest[:2] / row.digest[2:]).read_bytes()
        assert hashlib.sha256(bytes_there).hexdigest() == row.digest
    assert digest in {row.digest for row in there.rows(select(attachment.c.digest))}
    there.now = real_now()
    assert sweep(there.engine, there.services, real_now()) >= 1
    assert told(there, due), "what was due when the backup was made fires where it was restored"
    assert there.start(ITEM) not in known
    there.expect_a_sound_record()
    for each in (office, there):
        each.close()
        each.engine.dispose()


def test_a_backup_that_is_not_whole_or_has_no_place_is_refused(
    sqlite_url: str, here: Callable[..., Result], tmp_path: Path
) -> None:
    office = office_on(sqlite_url, tmp_path)
    digest = hand_in(office, tmp_path, office.start(ITEM), PDF)
    office.close()
    office.engine.dispose()
    backup, elsewhere = tmp_path / "backup", tmp_path / "elsewhere"
    other = f"sqlite:///{elsewhere / 'mingjing.db'}"
    assert here(tmp_path, sqlite_url, "db", "backup", backup).exit_code == 0
    assert "holds something already" in here(tmp_path, sqlite_url, "db", "backup", backup).stderr
    assert "Expected no database yet" in here(tmp_path, sqlite_url, "db", "restore", backup).stderr
    wrong_key = here(elsewhere, other, "db", "restore", backup, MINGJING_SECRET_KEY="another key, long enough for all")
    assert "MINGJING_SECRET_KEY" in wrong_key.stderr
    kept = backup / "files" / digest[:2] / digest[2:]
    kept.write_bytes(b"%PDF-1.4 something else")
    assert f"Expected the bytes of {digest}" in here(elsewhere, other, "db", "restore", backup).stderr
    kept.unlink()
    assert "Expected 1 files in the backup, but found 0" in here(elsewhere, other, "db", "restore", backup).stderr
    (backup / "manifest.json").unlink()
    assert "the backup was not finished" in here(elsewhere, other, "db", "restore", backup).stderr
    assert not (elsewhere / "mingjing.db").exists()


def test_a_file_that_is_gone_stops_the_backup_by_its_digest(
    sqlite_url: str, here: Callable[..., Result], tmp_path: Path
) -> None:
    office = office_on(sqlite_url, tmp_path)
    number = office.start(ITEM)
    with transaction(office.engine) as connection:
        lost = {"material": "x", "digest": "a" * 64, "filename": "x", "media_type": "x", "size": 1}
        connection.execute(insert(attachment).values(case_id=office.case(number).id, uploaded_at=office.now, **lost))
    office.close()
    office.engine.dispose()
    made = here(tmp_path, sqlite_url, "db", "backup", tmp_path / "backup")
    assert made.exit_code == 1
    assert "a" * 64 in made.stderr
    assert not (tmp_path / "backup" / "manifest.json").exists()
