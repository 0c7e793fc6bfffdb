"""The servers that other tests stand on: they answer, keep apart from each other, and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import amqp
import psycopg
import pytest

from tests.servers.postgresql import Postgresql
from tests.servers.processes import free_port
from tests.servers.programs import PROGRAMS, Program, missing_packages
from tests.servers.rabbitmq import Rabbitmq

ROOT = Path(__file__).parents[2]
HOLD_A_RUN = """
import sys, time
from tests.servers.sharing import Run, shared_server
run = Run()
print(shared_server("postgresql")["port"], (run.folder / "postgresql.pid").read_text(), run.folder, flush=True)
sys.stdin.read()
run.end()
"""


@pytest.mark.postgresql
def test_postgresql_copies_a_template_and_drops_what_is_still_in_use(postgresql_server: Postgresql) -> None:
    name = f"copy_{os.getpid()}"
    postgresql_server.drop_database(name)
    url = postgresql_server.create_database(name).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE thing (id int)")
    copy = postgresql_server.create_database(f"{name}_2", template=name).replace("+psycopg", "")
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM thing").fetchone() == (0,)
        connection.commit()
        postgresql_server.drop_database(f"{name}_2")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    postgresql_server.drop_database(name)


@pytest.mark.broker
def test_rabbitmq_takes_a_message_and_gives_it_back(rabbitmq_url: str) -> None:
    user, _, rest = rabbitmq_url.removeprefix("amqp://").partition(":")
    password, _, rest = rest.partition("@")
    host, _, vhost = rest.partition("/")
    with amqp.Connection(host, user, password, virtual_host=vhost) as connection:
        channel = connection.channel()
        queue = channel.queue_declare(exclusive=True).queue
        channel.basic_publish(amqp.Message("一"), routing_key=queue)
        message = next(filter(None, (channel.basic_get(queue) for _ in range(100))))
        assert message.body == "一"


def test_a_virtual_host_that_was_not_made_is_refused_by_name() -> None:
    with pytest.raises(LookupError, match="gw99"):
        Rabbitmq(5672).url("gw99")


def test_free_ports_are_outside_the_range_of_outgoing_connections() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(free_port() < first for _ in range(20))


@pytest.mark.postgresql
@pytest.mark.slow
@pytest.mark.parametrize("ending", ["ends", "is killed"])
def test_no_server_is_left_when_its_run_is_over(ending: str) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", HOLD_A_RUN], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with run:
        assert run.stdin and run.stdout
        port, keeper, folder = run.stdout.readline().split()
        psycopg.connect(f"postgresql://mingjing@127.0.0.1:{port}/postgres").close()
        if ending == "is killed":
            run.send_signal(signal.SIGKILL)
        else:
            run.stdin.close()
        run.wait(30)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{keeper}").exists() and "Z" not in Path(f"/proc/{keeper}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline, "the keeper outlives its run"
        time.sleep(0.05)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://mingjing@127.0.0.1:{port}/postgres", connect_timeout=2).close()
    assert not (Path(folder) / "postgresql").exists()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_package_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROGRAMS, "browser", Program("chromium", lambda: None))
    assert "chromium" in missing_packages()
