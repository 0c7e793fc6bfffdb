"""Notes, outside the database, of what a process is about to fire: all that is left when firing ends the process.

A note is a file that its writer keeps locked. A lock ends with its process, however that ends, so a file that can be
locked and is not empty tells of a death. Notes are of one machine; nothing is lost when their folder is.
"""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A process may be killed for reasons of its own (an upgrade, too little memory); three times at one case is the case.
MOST_DEATHS = 3


class DeathMarks:
    """The notes of one installation on this machine; each thread has a file of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = threading.local()

    @contextmanager
    def firing(self, case_id: int) -> Iterator[None]:
        """While this lasts, the end of the process is put down to the case."""
        note = self._note()
        os.pwrite(note, str(case_id).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(note, 0)

    def count_the_dead(self) -> dict[int, int]:
        """The cases at which processes have ended since somebody last asked, each with how often in all."""
        if not self._folder.is_dir():
            return {}
        found = [case_id for path in self._folder.glob("firing-*") if (case_id := self._bury(path)) is not None]
        return {case_id: self._count(case_id) for case_id in found}

    def forget(self, case_id: int) -> None:
        """Count from nought again."""
        self._deaths(case_id).unlink(missing_ok=True)

    def _note(self) -> int:
        """This thread's file; a forked process has to have its own, since a lock is shared with who inherits it."""
        if getattr(self._own, "pid", None) != os.getpid():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._own.note, self._own.pid = _Locked(self._folder / f"firing-{uuid.uuid4().hex}"), os.getpid()
        descriptor: int = self._own.note.descriptor
        return descriptor

    def _bury(self, path: Path) -> int | None:
        """The case of a dead writer's note, which is gone then; None where the writer lives or had nothing in hand."""
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            words = os.read(descriptor, 32)
            os.ftruncate(descriptor, 0)  # whoever opened it before it went finds nothing to count again
            path.unlink(missing_ok=True)
        except BlockingIOError:
            return None
        finally:
            os.close(descriptor)
        return int(words) if words.isdigit() else None

    def _deaths(self, case_id: int) -> Path:
        return self._folder / f"died-{case_id}"

    def _count(self, case_id: int) -> int:
        with self._deaths(case_id).open("ab") as deaths:
            deaths.write(b"x")
            return deaths.tell()


class _Locked:
    """A new file, locked as long as this object lives: longer than the thread whose it is, it does not."""

    def __init__(self, path: Path) -> None:
        # Under its final name only when it is locked, or somebody might take it for a dead one's.
        fresh = path.with_name(f"new-{path.name}")
        self.descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        fresh.rename(path)

    def __del__(self) -> None:
        os.close(self.descriptor)
