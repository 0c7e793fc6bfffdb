"""The windows of one working day. Times of day are microseconds since midnight, so that adding them is exact."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from itertools import pairwise

from service.working_time.day_table import DayTable

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
        gone = 0
        for start, end in self.windows:
            if time_of_day <= start:
                break
            gone += min(time_of_day, end) - start
        return gone

    def when_elapsed(self, amount: int) -> int:
        """The first time of day at which `amount` (over 0, at most `length`) of office time is gone."""
        for start, end in self.windows:
            if amount <= end - start:
                return start + amount
            amount -= end - start
        return self.close


@dataclass(frozen=True, slots=True)
class HoursTable:
    """Which hours hold on which days: `offices[k]` from day `starts[k]` on; `bases[k]` office time lies before it.

    A change of the hours takes nothing from what was worked before it.
    """

    days: DayTable = field(repr=False)
    starts: tuple[int, ...]
    offices: tuple[OfficeHours, ...]
    bases: tuple[int, ...]

    @classmethod
    def build(cls, days: DayTable, first: OfficeHours, later: Sequence[tuple[int, OfficeHours]] = ()) -> HoursTable:
        """`later` are (day, hours) in any order; of two for one day the last one holds."""
        periods = [(0, first), *sorted(dict(later).items())]
        bases = [0]
        for (start, office), (end, _next) in pairwise(periods):
            bases.append(bases[-1] + (days.before[end] - days.before[start]) * office.length)
        return cls(days, tuple(start for start, _ in periods), tuple(office for _, office in periods), tuple(bases))

    def on(self, day: int) -> OfficeHours:
        """The hours of a day."""
        return self.offices[0] if len(self.starts) == 1 else self.offices[bisect_right(self.starts, day) - 1]

    def worked(self, day: int, time_of_day: int) -> int:
        """Office time since the table begins."""
        period = bisect_right(self.starts, day) - 1
        office, before = self.offices[period], self.days.before
        whole_days = self.bases[period] + (before[day] - before[self.starts[period]]) * office.length
        return whole_days + office.elapsed(time_of_day) if self.days.works(day) else whole_days

    def when_worked(self, amount: int) -> tuple[int, int]:
        """The first day and time of day at which so much office time is gone."""
        period = max(bisect_left(self.bases, amount) - 1, 0)
        office = self.offices[period]
        number, rest = divmod(amount - self.bases[period] - 1, office.length)
        first = self.days.before[self.starts[period]]
        return self.days.workday(first + number), office.when_elapsed(rest + 1)


def _window(text: str) -> tuple[int, int]:
    start, _dash, end = text.partition("-")
    return _microseconds(start), _microseconds(end)


def _microseconds(text: str) -> int:
    at = time.fromisoformat(text.strip())
    return (at.hour * 60 + at.minute) * _MICROSECONDS_PER_MINUTE
