"""Worker processes as they run in earnest, and waiting for what they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from service.clock import real_now
from service.database.session import transaction
from service.database.tables import due_row, event
from tests.commands.office import Office

ROOT = Path(__file__).parents[2]
MINGJING = ["-m", "service.main"]


def environment(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """What a process of `mingjing` is told; nothing of our own environment decides for it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINGJING_")}
    told = {"MINGJING_DATA": str(folder), "MINGJING_DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)}
    return {**kept, **told, **more}


def wait_until(holds: Callable[[], object], *, seconds: float = 120, what: str = "") -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited {seconds} seconds in vain {what}"
        time.sleep(0.05)


def make_due(office: Office) -> None:
    """Everything that is armed on the last case fell due a minute ago by the system's clock."""
    with transaction(office.engine) as connection:
        of_case = due_row.c.case_id == office.case().id
        connection.execute(update(due_row).where(of_case).values(due_at=real_now() - timedelta(minutes=1)))


def told(office: Office, number: str) -> list[str]:
    """The colours that the case's history tells of, in order."""
    of_case = (event.c.case_id == office.case(number).id) & (event.c.kind == "limit_reached")
    return [row.payload for row in office.rows(select(event.c.payload).where(of_case).order_by(event.c.seq))]


@contextmanager
def process(arguments: Sequence[str], environ: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; nothing of the group is left at the end."""
    with log.open("ab") as words:
        started = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        kill_group(started.pid)
        started.wait()


def kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def members(group: int) -> list[int]:
    """The processes of a group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z" and int(fields[2]) == group:
            found.append(int(stat.parent.name))
    return found
