"""The windows of one working day. Times of day are microseconds since midnight, so that adding them is exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

MICROSECONDS_PER_HOUR = 3_600_000_000
_MICROSECONDS_PER_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Windows in order; `length` is what they hold together, `close` the end of the last."""

    windows: tuple[tuple[int, int], ...]
    length: int
    close: int

    @classmethod
    def parse(cls, texts: Sequence[str]) -> OfficeHours:
        """From texts like '09:00-12:00'; raises ValueError if they are empty, overlap or stand out of order."""
        windows = tuple(_window(text) for text in texts)
        marks = [mark for window in windows for mark in window]
        if not marks or any(later <= earlier for earlier, later in pairwise(marks)):
            raise ValueError(f"Expected office hours in order that do not overlap, but found {list(texts)}")
        return cls(windows, sum(end - start for start, end in windows), windows[-1][1])

    def elapsed(self, time_of_day: int) -> int:
        """Office time gone by at a time of day."""
        return sum(min(max(time_of_day - start, 0), end - start) for start, end in self.windows)

    def when_elapsed(self, amount: int) -> int:
        """The first time of day at which `amount` (over 0, at most `length`) of office time is gone."""
        for start, end in self.windows:
            if amount <= end - start:
                return start + amount
            amount -= end - start
        return self.close


def _window(text: str) -> tuple[int, int]:
    start, _dash, end = text.partition("-")
    return _microseconds(start), _microseconds(end)


def _microseconds(text: str) -> int:
    at = time.fromisoformat(text.strip())
    return (at.hour * 60 + at.minute) * _MICROSECONDS_PER_MINUTE
