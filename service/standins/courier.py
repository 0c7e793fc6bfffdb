"""Delivers signed messages to the county by real HTTP POST, again with longer and longer pauses until one is taken."""

from __future__ import annotations

import heapq
import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from service.gateways.signing import signed_headers
from service.gateways.transport import is_loopback

# Seconds before the second, third, ... attempt; after the last one the statement of the day has to do.
RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
_TIMEOUTS = (2.0, 5.0)


@dataclass(slots=True)
class Parcel:
    """One message on its way. `key` signs it; `done` hears at the end whether it was taken; `once`: no second try."""

    url: str
    message: Mapping[str, Any]
    key: bytes
    done: Callable[[bool], None] = lambda taken: None
    once: bool = False
    attempts: int = 0


class Courier:
    """One thread, started with the first parcel that has to wait. Pauses are real seconds, signatures the clock's."""

    def __init__(self, now: Callable[[], datetime], retry_seconds: tuple[float, ...] = RETRY_SECONDS) -> None:
        self._now = now
        self._retry_seconds = retry_seconds
        self._waiting: list[tuple[float, int, Parcel]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def deliver(self, parcel: Parcel) -> None:
        """One attempt at once, in the caller's thread; what is not taken waits for the next."""
        parcel.attempts += 1
        if self._post(parcel):
            parcel.done(True)
        elif parcel.once or parcel.attempts > len(self._retry_seconds):
            parcel.done(False)
        else:
            self.deliver_later(parcel, self._retry_seconds[parcel.attempts - 1])

    def deliver_later(self, parcel: Parcel, seconds: float) -> None:
        """The next attempt after so many real seconds, in the courier's thread."""
        with self._changed:
            if self._closed:
                return
            heapq.heappush(self._waiting, (time.monotonic() + seconds, next(self._order), parcel))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Ends the thread; what still waits is dropped here, and taken up again from the records at the next start."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread:
            thread.join(sum(_TIMEOUTS) + 1)

    def _run(self) -> None:
        while parcel := self._next():
            self.deliver(parcel)

    def _next(self) -> Parcel | None:
        with self._changed:
            while not self._closed:
                pause = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if pause is not None and pause <= 0:
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(pause)
            return None

    def _post(self, parcel: Parcel) -> bool:
        """Whether the county took it; a 4xx is a no as well, and is tried again like silence."""
        body = json.dumps(parcel.message, ensure_ascii=False).encode()
        headers = signed_headers(body, parcel.key, now=self._now()) | {"Content-Type": "application/json"}
        try:
            with requests.Session() as session:
                session.trust_env = not is_loopback(parcel.url)
                answer = session.post(parcel.url, data=body, headers=headers, timeout=_TIMEOUTS, allow_redirects=False)
                return 200 <= answer.status_code < 300
        except requests.RequestException:
            return False
