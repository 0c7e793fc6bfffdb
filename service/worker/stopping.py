"""How a worker of several processes stops within ten seconds: looks give way, are broken off, then are killed.

The word goes to the forked processes by one byte of shared memory, since Celery tells only the first process.
"""

from __future__ import annotations

import mmap
import os
import signal
import threading
from types import FrameType
from typing import Any

from billiard.process import active_children  # type: ignore[import-untyped]
from celery.signals import worker_process_init, worker_shutting_down

from service.errors import Stopped
from service.log import log

# After SIGTERM: what is at work may end by itself; then it is broken off; then nothing is left.
BREAK_OFF_SECONDS = 6.0
KILL_SECONDS = 8.5


class Stopping:
    """Made before the processes are forked, so that all see the same byte."""

    def __init__(self) -> None:
        self._told = mmap.mmap(-1, 1)

    def is_set(self) -> bool:
        return self._told[0] != 0

    def set(self) -> None:
        """Safe in a signal handler, and twice. No lock: whoever dies holding one would hold up the others."""
        self._told[0] = 1

    def follow_worker(self) -> None:
        """From now on a worker of this process that is asked to stop sets this, and has gone ten seconds later."""
        worker_process_init.connect(_listen, weak=False)
        worker_shutting_down.connect(self._begin, weak=False)

    def _begin(self, **_: Any) -> None:
        if not self.is_set():
            self.set()
            for seconds, act in ((BREAK_OFF_SECONDS, _break_off), (KILL_SECONDS, _kill)):
                timer = threading.Timer(seconds, act)
                timer.daemon = True
                timer.start()


def _listen(**_: Any) -> None:
    """In each forked process."""
    signal.signal(signal.SIGUSR2, _raise)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _break_off() -> None:
    _tell_children(signal.SIGUSR2)


def _kill() -> None:
    log.error("worker_killed", why=f"Expected to end within {KILL_SECONDS} seconds, but a look went on")
    _tell_children(signal.SIGKILL)
    os._exit(1)


def _tell_children(number: signal.Signals) -> None:
    for child in active_children():
        try:
            os.kill(child.pid, number)
        except ProcessLookupError:
            continue
