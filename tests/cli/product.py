"""`mingjing run` and its like as programs of their own, spoken to over HTTP and ended by signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from service.demo.county import PASSWORD
from tests.worker.processes import MINGJING, ROOT, kill_group, members

# Machines that are busy take many times as long as an idle one; what is measured stands in the bench.
PATIENCE_SECONDS = 100


class Product:
    """A running program and what it printed."""

    def __init__(self, process: subprocess.Popen[str], first_lines: list[str]) -> None:
        self.process = process
        self.words = "".join(first_lines)
        found = re.search(r"http://127\.0\.0\.1:\d+", self.words)
        assert found, self.words
        self.url = found.group()

    @property
    def stand_ins(self) -> list[str]:
        """The addresses of bank and SMS gateway."""
        return re.findall(r"http://127\.0\.0\.1:\d+", self.words)[1:]

    def children(self) -> list[int]:
        """Ids of its worker processes, which are in a group of their own."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in found]

    def sign_in(self, username: str) -> dict[str, str]:
        """The header of a session."""
        told = {"username": username, "password": PASSWORD}
        answer = requests.post(f"{self.url}/api/v1/sessions", json=told, timeout=30)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    def get(self, path: str, **given: Any) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=30, **given)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """The exit code after the signal."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def product(folder: Path, *arguments: str, program: Sequence[str] = MINGJING, **environment: str) -> Iterator[Product]:
    """`mingjing ARGUMENTS` on a free port; whatever is left of it in the end is killed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINGJING_")}
    told = {**kept, "MINGJING_DATA": str(folder), "PYTHONPATH": str(ROOT), **environment}
    with (folder / "words.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, *program, *arguments, "--port", "0"],
            cwd=ROOT,
            env=told,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    groups = [process.pid]
    with process:
        try:
            running = Product(process, _first_lines(process, folder, "serve" in arguments))
            groups += running.children()
            yield running
        finally:
            for group in groups:
                kill_group(group)


def _first_lines(process: subprocess.Popen[str], folder: Path, short: bool) -> list[str]:
    """Until it has said that it is ready."""
    assert process.stdout
    lines: list[str] = []
    while not lines or not (short or "Ctrl-C" in lines[-1]):
        lines.append(process.stdout.readline())
        assert lines[-1], (folder / "words.log").read_text()
    return lines


def gone_within(group: int, seconds: float) -> bool:
    """Whether no process of the group is left after so long at most."""
    end = time.monotonic() + seconds
    while members(group):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
