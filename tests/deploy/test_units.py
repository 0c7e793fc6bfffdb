"""The units of systemd and nginx before them: checked by systemd itself, and run with a case from end to end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import update

from service.clock import real_now
from service.database.session import transaction
from service.database.tables import user_task
from tests.commands.office import Office
from tests.conftest import require
from tests.deploy.conftest import office_on
from tests.deploy.units import UNITS, Installation
from tests.servers.processes import free_port, server_user, start
from tests.servers.programs import installed
from tests.service_fixtures import APPLICANT, PDF
from tests.worker.processes import ROOT, kill_group, make_due, told, wait_until

ITEM = "LJ-YJ-XK-001"
PASSWORD_FILE = "MINGJING_SECRET_KEY_FILE"


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    require("systemd")
    Installation(tmp_path, {})
    units = sorted(map(str, (tmp_path / "units").iterdir()))
    verify = [str(installed("systemd")), "verify", "--man=no", "--recursive-errors=no"]
    answer = subprocess.run([*verify, *units], capture_output=True, text=True)
    words = [line for line in answer.stderr.splitlines() if "mingjing" in line]
    assert (answer.returncode, words) == (0, [])
    broken = tmp_path / "units" / "mingjing-beat.service"
    broken.write_text(broken.read_text().replace("NoNewPrivileges=yes", "NoNewPrivilege=yes"))
    assert "NoNewPrivilege" in subprocess.run([*verify, str(broken)], capture_output=True, text=True).stderr


@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.glob("*.service")))
def test_every_service_is_shut_in(unit: str, tmp_path: Path) -> None:
    require("systemd")
    Installation(tmp_path, {})
    security = [str(installed("systemd")), "security", "--offline=true", "--threshold=20"]
    answer = subprocess.run([*security, str(tmp_path / "units" / unit)], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout


@pytest.fixture
def installation(
    postgresql_url: str, rabbitmq_url: str, tmp_path: Path
) -> Iterator[tuple[Installation, requests.Session, str]]:
    """Web, worker and beat as their units start them, nginx before them; a client that trusts its certificate."""
    require("nginx")
    public = Path(tempfile.mkdtemp(prefix="mingjing-nginx-"))
    port, http_port, https_port = free_port(), free_port(), free_port()
    (tmp_path / "key").write_text("a key that only this test knows, long enough\n")
    settings = {
        "MINGJING_DATABASE_URL": postgresql_url,
        "MINGJING_BROKER_URL": rabbitmq_url,
        "MINGJING_PUBLIC_URL": f"https://localhost:{https_port}",
        "MINGJING_TRUSTED_PROXIES": "1",
        PASSWORD_FILE: str(tmp_path / "key"),
    }
    here = Installation(tmp_path / "root", settings)
    services = [
        ("mingjing-web@.service", str(port)),
        ("mingjing-worker@.service", "timers"),
        ("mingjing-worker@.service", "outbox"),
        ("mingjing-beat.service", ""),
    ]
    processes = []
    try:
        for unit, instance in services:
            folder = tmp_path / f"{unit}{instance}"
            folder.mkdir()
            processes.append(start(here.command(unit, instance), None, folder, here.environment(unit)))
        processes.append(_start_nginx(public, port, http_port, https_port))
        client, url = requests.Session(), f"https://localhost:{https_port}"
        client.verify = str(public / "tls.crt")
        client.trust_env = False
        try:
            wait_until(lambda: _ready(client, url), seconds=90)
        except AssertionError as late:
            logs = [public / "output", *tmp_path.glob("*/output")]
            raise AssertionError([log.read_text()[-1500:] for log in logs]) from late
        yield here, client, url
        client.close()
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(20) for process in processes] == [0] * len(processes)
    finally:
        for process in processes:
            kill_group(process.pid)
            process.wait()
        shutil.rmtree(public)


def _ready(client: requests.Session, url: str) -> bool:
    try:
        return client.get(f"{url}/readyz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def _start_nginx(public: Path, port: int, http_port: int, https_port: int) -> subprocess.Popen[bytes]:
    """As the user of Debian's package: it reads copies, since a checkout need not be open to everybody."""
    for name in ("nginx.conf", "nginx.sh"):
        shutil.copy(ROOT / "deploy" / name, public)
    shutil.copytree(ROOT / "service" / "web" / "static", public / "static")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    files = ["-keyout", public / "tls.key", "-out", public / "tls.crt"]
    subprocess.run(["openssl", "req", *kind, *subject, *files], check=True, capture_output=True)
    user = server_user("www-data")
    for path in (public, *public.rglob("*")):
        if user:
            shutil.chown(path, user, user)
    settings = {
        "MINGJING_RUN": str(public),
        "MINGJING_ACCESS_LOG": str(public / "access.log"),
        "MINGJING_SERVER_NAME": "localhost",
        "MINGJING_HTTP_PORT": f"127.0.0.1:{http_port}",
        "MINGJING_HTTPS_PORT": f"127.0.0.1:{https_port}",
        # The first of two refuses every connection, as one that is being replaced does.
        "MINGJING_UPSTREAMS": f"server 127.0.0.1:9; server 127.0.0.1:{port};",
        "MINGJING_STATIC": str(public / "static"),
        "MINGJING_CERTIFICATES": str(public),
        "PATH": f"{os.environ['PATH']}:/usr/sbin",
    }
    return start([public / "nginx.sh"], user, public, settings)


@pytest.mark.postgresql
@pytest.mark.broker
@pytest.mark.slow
def test_a_case_goes_from_its_start_to_its_end_through_nginx_and_what_the_units_start(
    installation: tuple[Installation, requests.Session, str], postgresql_url: str, tmp_path: Path
) -> None:
    here, client, url = installation
    office = office_on(postgresql_url, tmp_path)
    _expect_a_good_proxy(client, url)
    body = {"username": "yj_clerk", "password": "mingjing-demo"}
    token = _sent(client.post(f"{url}/api/v1/sessions", json=body), 201)["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    model = office.start(ITEM)
    application = {"power_item": ITEM, "applicant": APPLICANT, "answers": office.answers("apply", model)}
    number = _sent(client.post(f"{url}/api/v1/cases", json=application), 201)["number"]
    office.number = number
    make_due(office)
    wait_until(lambda: told(office, number), what="for worker and beat")
    _pass_the_minimum(office)
    (task,) = client.get(f"{url}/api/v1/cases/{number}").json()["user_tasks"]
    for material in client.get(f"{url}/api/v1/user-tasks/{task['id']}").json()["required_materials"]:
        for _ in range(material["need"] - material["have"]):
            scan = {"file": ("scan.pdf", PDF, "application/pdf")}
            told_material = {"material": material["key"]}
            _sent(client.post(f"{url}/api/v1/cases/{number}/attachments", data=told_material, files=scan), 201)
    filled = office.answers(task["form_key"], model, check_result="not_competent")
    _sent(client.post(f"{url}/api/v1/user-tasks/{task['id']}/complete", json={"answers": filled}), 200)
    case = client.get(f"{url}/api/v1/cases/{number}").json()
    assert (case["status"], case["outcome"]) == ("completed", "not_accepted")
    office.close()
    office.engine.dispose()
    _back_up(here)


def _sent(answer: requests.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _pass_the_minimum(office: Office) -> None:
    """As if the minute that a check takes at least had gone by."""
    with transaction(office.engine) as connection:
        of_case = user_task.c.case_id == office.case().id
        connection.execute(update(user_task).where(of_case).values(earliest_at=real_now() - timedelta(minutes=1)))


def _expect_a_good_proxy(client: requests.Session, url: str) -> None:
    page = client.get(f"{url}/sign-in", timeout=30)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert page.headers["Server"] == "nginx"
    asset = next((ROOT / "service/web/static/islands/assets").glob("*.js")).name
    static = client.get(f"{url}/static/islands/assets/{asset}", timeout=30)
    assert (static.status_code, static.headers["Content-Encoding"]) == (200, "gzip")
    assert "immutable" in static.headers["Cache-Control"] and static.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"{url}/static/no-such-thing", timeout=30).status_code == 404
    assert client.get(f"{url}/metrics", timeout=30).status_code == 404
    too_much = client.post(f"{url}/api/v1/cases", headers={"Content-Length": str(60 << 20)}, data=b"", timeout=30)
    assert too_much.status_code == 413


def _back_up(here: Installation) -> None:
    """What the timer of the night starts."""
    unit = "mingjing-backup.service"
    done = subprocess.run(here.command(unit), env=here.environment(unit), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list((here.folder / "var/backups/mingjing").glob("*/manifest.json"))) == 1
