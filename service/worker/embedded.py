"""The worker as a child of `mingjing run`: it goes when its parent goes, however that dies, and never stays dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

from service.log import log

STOP_SECONDS = 2.0
_REPLACE_AFTER_SECONDS = 1.0


class EmbeddedWorker:
    """One child process in a process group of its own, holding the read end of a pipe that only we write to."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = [sys.executable, *command]
        self._environment = dict(environment)
        self._stopping = threading.Event()
        # Reentrant, since a signal may interrupt its holder.
        self._changing = threading.RLock()
        self._child = self._start()
        threading.Thread(target=self._replace_when_dead, name="worker watch", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._child.pid

    def ask_to_stop(self) -> None:
        """Close the pipe, whose end the child reads. Safe in a signal handler, and twice."""
        with self._changing:
            self._stopping.set()
            if self._child.stdin and not self._child.stdin.closed:
                self._child.stdin.close()

    def stop(self) -> None:
        """Ask, wait two seconds, then kill the whole group: nothing is lost, since the database is the truth."""
        self.ask_to_stop()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        _kill_group(self._child.pid)
        self._child.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command
            self._command, stdin=subprocess.PIPE, start_new_session=True, env=self._environment
        )

    def _replace_when_dead(self) -> None:
        while True:
            code = self._child.wait()
            if self._stopping.is_set():
                return
            log.error("worker_died", exit_code=code)
            _kill_group(self._child.pid)  # what it may have forked
            self._stopping.wait(_REPLACE_AFTER_SECONDS)
            with self._changing:
                if self._stopping.is_set():
                    return
                if self._child.stdin:
                    self._child.stdin.close()
                self._child = self._start()


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


class ParentWatch:
    """In the child: ends this process when the pipe on its standard input is closed, whoever closed it.

    `os.read` and not `sys.stdin`: a thread that waits inside the file object would hold its lock for ever.
    """

    def __init__(self) -> None:
        self._finish: Callable[[], None] = lambda: None
        threading.Thread(target=self._wait, name="parent watch", daemon=True).start()

    def finish_with(self, finish: Callable[[], None]) -> None:
        """What is to be brought to an end first; it must not take longer than our parent waits."""
        self._finish = finish

    def _wait(self) -> None:
        os.read(0, 1)
        self._finish()
        os._exit(0)
