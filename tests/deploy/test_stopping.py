"""SIGTERM under load: what is acknowledged stays, what is half done is undone, claims are handed back; ten seconds."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import func, select

from service.clock import real_now
from service.database.tables import attachment, case, event, outbox
from service.notices.outbox import WAITING
from tests.cli.product import Product, product
from tests.deploy.conftest import office_on
from tests.service_fixtures import APPLICANT, PDF
from tests.worker.processes import MINGJING, environment, make_due, members, process, told, wait_until

pytestmark = pytest.mark.slow
ITEM = "LJ-YJ-XK-001"
LONGEST_SECONDS = 10.0
LAST_LINE = b"\r\n--b--\r\n"


class _Drips(BaseHTTPRequestHandler):
    """A gateway that begins its answer and never comes to its end."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.server.asked.set()  # type: ignore[attr-defined]
        try:
            while not self.server.over.wait(0.5):  # type: ignore[attr-defined]
                self.wfile.write(b" ")
        except OSError:
            return

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def endless_gateway() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Drips)
    server.daemon_threads = True
    server.asked, server.over = threading.Event(), threading.Event()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.over.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


@pytest.mark.postgresql
@pytest.mark.broker
def test_a_worker_under_load_stops_in_time_and_hands_back_what_it_claimed(
    postgresql_url: str, rabbitmq_url: str, endless_gateway: ThreadingHTTPServer, tmp_path: Path
) -> None:
    office = office_on(postgresql_url, tmp_path)
    numbers = []
    for _ in range(12):
        numbers.append(office.start(ITEM))
        make_due(office)
    gateway = f"http://127.0.0.1:{endless_gateway.server_port}"
    environ = environment(tmp_path, postgresql_url, MINGJING_BROKER_URL=rabbitmq_url, MINGJING_SMS_URL=gateway)
    with ExitStack() as stack:
        beat = stack.enter_context(process([*MINGJING, "beat"], environ, tmp_path / "beat.log"))
        command = [*MINGJING, "worker", "--concurrency", "2"]
        worker = stack.enter_context(process(command, environ, tmp_path / "worker.log"))
        assert endless_gateway.asked.wait(60), (tmp_path / "worker.log").read_text()  # type: ignore[attr-defined]
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        beat.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0, (tmp_path / "worker.log").read_text()
        assert beat.wait(20) == 0
        assert time.monotonic() - began < LONGEST_SECONDS
        wait_until(lambda: members(worker.pid) == [], seconds=5)
    waiting = office.rows(select(outbox.c.attempts, outbox.c.next_at).where(outbox.c.state == WAITING))
    assert waiting
    assert all(row.attempts == 0 and row.next_at <= real_now() for row in waiting)
    for number in numbers:
        assert len(told(office, number)) == len(set(told(office, number))), number
    office.expect_a_sound_record()
    office.close()
    office.engine.dispose()


def _start_cases(running: Product, signed_in: dict[str, str], answers: object, acknowledged: list[str]) -> None:
    """One clerk after another at the counter, until nobody listens any more."""
    body = {"power_item": ITEM, "applicant": APPLICANT, "answers": answers}
    while True:
        try:
            answer = requests.post(f"{running.url}/api/v1/cases", json=body, headers=signed_in, timeout=30)
        except requests.ConnectionError:
            return
        assert answer.status_code == 201, answer.text
        acknowledged.append(answer.json()["number"])


def _begin_upload(running: Product, signed_in: dict[str, str], number: str) -> socket.socket:
    """A scan on a slow line: its last line is still to come."""
    head = 'Content-Disposition: form-data; name="{}"'
    parts = (
        f"--b\r\n{head.format('material')}\r\n\r\napplication_form\r\n"
        f'--b\r\n{head.format("file")}; filename="scan.pdf"\r\n\r\n'
    ).encode() + PDF
    body = parts + LAST_LINE
    address = urlsplit(running.url)
    line = socket.create_connection((address.hostname, address.port), timeout=20)
    line.sendall(
        f"POST /api/v1/cases/{number}/attachments HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
        f"Authorization: {signed_in['Authorization']}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body[: -len(LAST_LINE)]
    )
    return line


@pytest.mark.parametrize("command", ["serve", "run"])
def test_the_web_processes_end_what_they_have_begun_and_lose_nothing_that_they_acknowledged(
    command: str, sqlite_url: str, tmp_path: Path
) -> None:
    office = office_on(sqlite_url, tmp_path)
    first = office.start(ITEM)
    answers = office.answers("apply", first)
    with product(tmp_path, command) as running:
        wait_until(lambda: _answers(running), what=(tmp_path / "words.log").read_text())
        signed_in = running.sign_in("yj_clerk")
        acknowledged: list[str] = []
        given = (running, signed_in, answers, acknowledged)
        clerks = [threading.Thread(target=_start_cases, args=given) for _ in range(3)]
        for clerk in clerks:
            clerk.start()
        wait_until(lambda: len(acknowledged) > 5)
        with _begin_upload(running, signed_in, first) as line:
            time.sleep(0.3)
            began = time.monotonic()
            running.process.send_signal(signal.SIGTERM)
            time.sleep(1)
            line.sendall(LAST_LINE)
            answer = line.recv(65536)
        assert running.process.wait(20) == 0
        assert time.monotonic() - began < LONGEST_SECONDS
        for clerk in clerks:
            clerk.join(10)
    assert answer.startswith(b"HTTP/1.1 201"), answer[:300]
    assert office.rows(select(func.count()).select_from(attachment))[0][0] == 1
    known = {row.number for row in office.rows(select(case.c.number))}
    assert set(acknowledged) <= known
    assert office.rows(select(func.count()).select_from(event))[0][0] > len(known)
    office.expect_a_sound_record()
    office.close()
    office.engine.dispose()


def _answers(running: Product) -> bool:
    try:
        return running.get("/healthz").status_code == 200
    except requests.ConnectionError:
        return False
