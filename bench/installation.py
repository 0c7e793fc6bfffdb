"""The product as it runs in earnest: web processes, workers and a beat, started as commands on a founded database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.bureau import Bureau
from bench.environment import ROOT
from bench.metering import cpu_seconds

START_SECONDS = 60.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Installation:
    """`url` is where its pages are."""

    url: str
    web: int
    workers: tuple[int, ...]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def web_cpu_seconds(self) -> float:
        """What the web processes have used, the one that watches them included."""
        return cpu_seconds(self.web, *_children(self.web))

    def worker_cpu_seconds(self) -> float:
        return cpu_seconds(*(each for worker in self.workers for each in (worker, *_children(worker))))


@contextmanager
def installed(office: Bureau, *, web: int, workers: int) -> Iterator[Installation]:
    """So many web processes of gunicorn's, so many workers, one beat; none is left at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINGJING_")}
    told = {**kept, "MINGJING_DATA": str(office.folder), "MINGJING_DATABASE_URL": office.url}
    with ExitStack() as stack:
        log = office.folder / "words"
        serve = stack.enter_context(_running(["serve", "--port", "0", "--workers", str(web)], told, log))
        url = _address(log)
        doing = [stack.enter_context(_running(["worker", "--concurrency", "1"], told, log)) for _ in range(workers)]
        stack.enter_context(_running(["beat"], told, log))
        yield Installation(url, serve.pid, tuple(worker.pid for worker in doing))


@contextmanager
def _running(words: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "service.main", *words]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.DEVNULL, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def _address(log: Path) -> str:
    """What the server says of itself, once it answers there."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        words = log.read_text() if log.exists() else ""
        url = next((word for word in reversed(words.split()) if word.startswith("http://")), None)
        if url is not None and _answers(url):
            return url
        time.sleep(0.2)
    raise RuntimeError(f"Expected the web processes to answer within {START_SECONDS} seconds")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return int(answer.status) == 200
    except OSError:
        return False


def _children(process: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []
