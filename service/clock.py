"""The product's one clock. Nothing else in our packages asks the system for the time of an act.

`MovedClock` is the testing clock: it stands still where it is put, so that 58 seconds are 58 seconds.
Sessions and tokens use `real_now`, since a moved clock must not sign anybody out.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime


def real_now() -> datetime:
    """The system's time, aware, UTC."""
    return datetime.now(UTC)


class Clock:
    """The system's clock."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return real_now()


class MovedClock(Clock):
    """Runs with the system until it is first moved, then stands still until it is moved again."""

    def __init__(self, instant: datetime | None = None) -> None:
        self._instant = instant
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._instant or real_now()

    def move(self, instant: datetime) -> None:
        """Put the clock to an aware instant, forwards or back."""
        if instant.tzinfo is None:
            raise ValueError("Expected an instant with an offset, but found one without")
        with self._lock:
            self._instant = instant.astimezone(UTC)
