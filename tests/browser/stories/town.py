"""The county on the network: a `mingjing run --testing` of its own, its clock, and what the SMS gateway has sent."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from service.commands.services import build_services
from service.database.session import create_database_engine, transaction
from service.database.upgrading import upgrade
from service.demo.county import found_county
from service.settings import read_settings
from tests.codes import Codes

ROOT = Path(__file__).resolve().parents[3]
SECONDS_TO_START, SECONDS_TO_STOP = 60, 15
_ADDRESSES = re.compile(
    r"明镜 Mingjing  (?P<town>\S+).*stand-in bank (?P<bank>\S+).*stand-in SMS (?P<sms>\S+)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Town:
    """Addresses without a slash at their end; `log` is what the server wrote to standard error."""

    address: str
    bank: str
    sms: str
    log: Path
    codes: Codes = field(default_factory=Codes)

    def now(self) -> datetime:
        """The county's time, with its offset."""
        return _instant(requests.get(f"{self.address}/api/v1/clock", timeout=10))

    def put(self, instant: datetime) -> datetime:
        """Move the clock; what falls due on the way has happened when this returns."""
        return _instant(requests.put(f"{self.address}/api/v1/clock", json={"now": instant.isoformat()}, timeout=60))

    def wait(self, **duration: float) -> datetime:
        return self.put(self.now() + timedelta(**duration))

    def wait_working_days(self, days: int) -> datetime:
        given = {"advance_working_days": days}
        return _instant(requests.post(f"{self.address}/api/v1/clock", json=given, timeout=60))

    def next_morning(self) -> datetime:
        """09:00 of the next working day: each story begins with the office."""
        return self.put(self.wait_working_days(1).replace(hour=9, minute=0, second=0, microsecond=0))

    def messages(self, to: str | None = None) -> list[str]:
        """Texts that the SMS gateway has taken, the newest first."""
        asked = {"to": to} if to else {}
        items: list[dict[str, Any]] = requests.get(f"{self.sms}/messages", params=asked, timeout=10).json()["items"]
        return [item["text"] for item in items]


def _instant(answer: requests.Response) -> datetime:
    assert answer.status_code == 200, answer.text
    return datetime.fromisoformat(answer.json()["now"])


def found(folder: Path, at: datetime) -> Path:
    """The database file of a county with its people, items and diagrams, and without the demonstration's cases."""
    settings = read_settings({}, data=folder)
    upgrade(settings.database_url)
    engine = create_database_engine(settings.database_url)
    with transaction(engine) as connection:
        found_county(connection, build_services(settings), at)
    engine.dispose()
    return folder / "mingjing.db"


@contextmanager
def running_town(database: Path, folder: Path) -> Iterator[Town]:
    """A server on a free port with a copy of a founded county in `folder`."""
    shutil.copy(database, folder / "mingjing.db")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINGJING_")}
    command = [sys.executable, "-m", "service.main", "run", "--testing", "--port", "0", "--data", str(folder)]
    said, log = folder / "said.txt", folder / "log.txt"
    with said.open("w") as out, log.open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=kept, stdout=out, stderr=errors)
        try:
            yield Town(*_addresses(process, said, log), log)
        finally:
            process.terminate()
            code = process.wait(SECONDS_TO_STOP)
    assert code == 0, log.read_text("utf-8")


def _addresses(process: subprocess.Popen[bytes], said: Path, log: Path) -> tuple[str, str, str]:
    """What the program prints when it is ready."""
    until = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < until:
        found = _ADDRESSES.search(said.read_text("utf-8"))
        if found is not None:
            return found["town"], found["bank"], found["sms"]
        time.sleep(0.1)
    raise AssertionError(f"Expected the server to start, but found:\n{log.read_text('utf-8')}")
