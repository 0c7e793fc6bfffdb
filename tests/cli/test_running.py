"""`mingjing run` started, used, stopped, killed and started again; `serve` beside a worker of its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, func, select

from service.commands.services import build_services
from service.database.session import reading
from service.database.tables import case, person, setting, user_task
from service.demo.standing import LOADING, SETTING
from service.settings import read_settings
from tests.cli.conftest import engine_of
from tests.cli.product import PATIENCE_SECONDS, gone_within, product
from tests.commands.office import Office
from tests.worker.processes import MINGJING, environment, make_due, told, wait_until

pytestmark = pytest.mark.slow
ITEM = "LJ-YJ-XK-001"


@pytest.fixture
def folder(founded: Path, tmp_path: Path) -> Path:
    """A data folder with a county that stands."""
    shutil.copyfile(founded, tmp_path / "mingjing.db")
    return tmp_path


def office_of(folder: Path) -> Office:
    return Office(engine_of(folder), build_services(read_settings({}, data=folder)))


def test_it_says_where_it_is_and_how_to_sign_in_and_ctrl_c_ends_it_in_order(folder: Path) -> None:
    with product(folder, "run") as running:
        assert "mingjing-demo" in running.words
        for username in ("yj_clerk", "yj_sup1", "sup2", "designer", "secadmin"):
            assert f"  {username} " in running.words
        assert running.get("/healthz").status_code == 200
        wait_until(lambda: running.get("/readyz").status_code == 200, seconds=PATIENCE_SECONDS)
        me = running.get("/api/v1/me", headers=running.sign_in("yj_clerk")).json()
        assert me["department"] == "YJ"
        assert all(requests.get(f"{url}/", timeout=10).status_code in (200, 404) for url in running.stand_ins)
        (worker,) = running.children()
        running.process.send_signal(signal.SIGINT)
        assert gone_within(worker, 3)
        assert running.process.wait(30) == 0
    assert "Traceback" not in (folder / "words.log").read_text()


def test_started_again_it_has_lost_nothing_and_keeps_its_addresses(folder: Path) -> None:
    with product(folder, "run") as running:
        before = running.stand_ins
        office = office_of(folder)
        number = office.start(ITEM)
        assert running.end() == 0
    with product(folder, "run") as running:
        assert running.stand_ins == before
        assert running.get(f"/api/v1/cases/{number}", headers=running.sign_in("yj_clerk")).status_code == 200
        make_due(office)
        wait_until(lambda: told(office, number), seconds=PATIENCE_SECONDS)
        assert running.end(signal.SIGTERM) == 0
    office.expect_a_sound_record()


def test_killed_it_leaves_no_child(folder: Path) -> None:
    with product(folder, "run") as running:
        (worker,) = running.children()
        wait_until(lambda: running.get("/readyz").status_code == 200, seconds=PATIENCE_SECONDS)
        running.process.kill()
        running.process.wait()
        assert gone_within(worker, 5)


def test_killed_while_its_worker_has_hardly_begun_it_leaves_no_child(folder: Path) -> None:
    with product(folder, "run") as running:
        (worker,) = running.children()
        running.process.kill()
        running.process.wait()
        # It notices as soon as it has loaded what it needs to notice anything.
        assert gone_within(worker, PATIENCE_SECONDS)


def test_it_listens_on_this_machine_alone(folder: Path) -> None:
    with product(folder, "run") as running:
        port = int(running.url.rpartition(":")[2])
        listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        addresses = [line.split()[1] for line in listening.splitlines()]
        places = [address for address in addresses if address.endswith(f":{port:04X}")]
        assert places, "nobody listens"
        assert all(place.startswith("0100007F:") for place in places)


def test_under_testing_there_is_no_worker_and_the_clock_does_its_work(folder: Path) -> None:
    with product(folder, "run", "--testing") as running:
        assert running.children() == []
        signed_in = running.sign_in("yj_clerk")
        office = office_of(folder)
        number = office.start(ITEM)
        moved = requests.put(
            f"{running.url}/api/v1/clock", json={"now": "2026-05-06T09:00:00+08:00"}, headers=signed_in, timeout=60
        )
        assert moved.status_code == 200, moved.text
        assert running.get("/api/v1/clock", headers=signed_in).json()["now"].startswith("2026-05-06T09:00:00")
        assert any('"red"' in payload for payload in told(office, number))
        assert office.orders(number)
        assert running.end() == 0


def test_without_testing_there_is_no_clock_to_move(folder: Path) -> None:
    with product(folder, "run") as running:
        assert running.get("/api/v1/clock", headers=running.sign_in("yj_clerk")).status_code == 404


def test_pages_and_interface_are_served_by_processes_without_a_worker(folder: Path) -> None:
    with product(folder, "serve", "--workers", "2") as running:
        wait_until(lambda: _answers(f"{running.url}/healthz"), seconds=PATIENCE_SECONDS)
        assert running.sign_in("sup2")
        assert running.end(signal.SIGTERM) == 0
        assert gone_within(running.process.pid, 5)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except (requests.ConnectionError, requests.ReadTimeout):
        return False  # It listens before its processes have loaded what they are made of.


def clerks_with_work(engine: Engine) -> set[str]:
    """Who would open the work list in the morning and find something in hand."""
    with reading(engine) as connection:
        found = (
            select(person.c.username)
            .join(user_task, user_task.c.assignee == person.c.id)
            .where(user_task.c.status == "open", user_task.c.post == "clerk")
        )
        return set(connection.execute(found).scalars())


def test_a_loading_that_was_killed_is_done_again_from_the_start(tmp_path: Path) -> None:
    environ = environment(tmp_path, f"sqlite:///{tmp_path / 'mingjing.db'}")

    def mingjing(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *MINGJING, *arguments]
        return subprocess.run(command, env=environ, cwd=Path(__file__).parents[2], capture_output=True, text=True)

    assert mingjing("db", "upgrade").returncode == 0
    loading = subprocess.Popen([sys.executable, *MINGJING, "demo", "load"], env=environ, cwd=Path(__file__).parents[2])
    engine = engine_of(tmp_path)

    def cases() -> int:
        with reading(engine) as connection:
            return int(connection.execute(select(func.count()).select_from(case)).scalar_one())

    wait_until(lambda: cases() >= 5)
    loading.kill()
    loading.wait()
    with reading(engine) as connection:
        state = connection.execute(select(setting.c.content).where(setting.c.name == SETTING)).scalar_one()
    assert state == LOADING
    began = time.monotonic()
    again = mingjing("demo", "load", "--format", "json")
    assert again.returncode == 0, again.stderr
    print(f"loaded in {time.monotonic() - began:.0f} s")
    assert cases() > 300
    assert clerks_with_work(engine) >= {f"{department}_clerk" for department in ("hb", "mz", "sg", "wj", "yj", "zr")}
    assert mingjing("audit", "verify").returncode == 0
    assert mingjing("demo", "load").returncode == 1
    engine.dispose()
