"""One run of the tests shares its servers: whichever worker asks first starts them, the others wait and join."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.servers.keeper import LIFELINE

_RUN_FOLDER = "MINGJING_TEST_RUN"
_ROOT = Path(__file__).parents[2]
_START_SECONDS = 150.0


class Run:
    """Held by the run's first process: the folder of the servers and the lifeline that keeps them alive."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mingjing-tests-"))
        self.folder.chmod(0o711)  # the servers' own users pass through it
        os.mkfifo(self.folder / LIFELINE)
        self._lifeline = os.open(self.folder / LIFELINE, os.O_RDWR)
        os.environ[_RUN_FOLDER] = str(self.folder)

    def end(self) -> None:
        """Cuts the lifeline and waits until every keeper has ended its server."""
        os.close(self._lifeline)
        for file in self.folder.glob("*.pid"):
            _wait_for_end(int(file.read_text()))
        shutil.rmtree(self.folder, ignore_errors=True)
        os.environ.pop(_RUN_FOLDER, None)


def shared_server(kind: str) -> dict[str, int]:
    """What the keeper of `kind` tells of its server, started if need be. RuntimeError if it did not come up."""
    folder = Path(os.environ[_RUN_FOLDER])
    told = folder / f"{kind}.json"
    with (folder / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            _start_keeper(kind, folder)
            _wait_for_file(told)
    facts = json.loads(told.read_text())
    if "failure" in facts:
        raise RuntimeError(facts["failure"])
    return dict(facts)


def _start_keeper(kind: str, folder: Path) -> None:
    command = [sys.executable, "-m", "tests.servers.keeper", kind, str(folder)]
    with (folder / f"{kind}.log").open("wb") as log:
        keeper = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    (folder / f"{kind}.pid").write_text(str(keeper.pid))
    _KEEPERS.append(keeper)


# Kept so that the interpreter does not warn of a child that it no longer knows.
_KEEPERS: list[subprocess.Popen[bytes]] = []


def _wait_for_file(file: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not file.exists():
        if time.monotonic() > deadline or _KEEPERS[-1].poll() not in (None, 1):
            words = file.with_suffix(".log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"Expected {file.stem} to start, but its keeper said: {words}")
        time.sleep(0.05)


def _wait_for_end(pid: int, seconds: float = 30.0) -> None:
    """Whether the keeper is our child or a worker's: /proc tells, and a zombie counts as gone."""
    deadline = time.monotonic() + seconds
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
