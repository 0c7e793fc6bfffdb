"""The working days of 2000 to 2060 as a table that counts them in constant time. A day is its index in the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import get_args

from service.working_time.official_days import DayKind, statutory_days

FIRST_YEAR, LAST_YEAR = 2000, 2060
_FIRST = date(FIRST_YEAR, 1, 1).toordinal()
_DAYS = date(LAST_YEAR + 1, 1, 1).toordinal() - _FIRST
_KINDS = frozenset(get_args(DayKind))
_WORKED_KINDS = frozenset({"makeup", "workday"})


@dataclass(frozen=True, slots=True)
class DayTable:
    """`before[i]` working days lie before day `i`; `workdays[k]` is the index of working day number `k`."""

    before: tuple[int, ...] = field(repr=False)
    workdays: tuple[int, ...] = field(repr=False)
    noticed_years: frozenset[int]

    @classmethod
    def build(cls, exceptions: Mapping[date, DayKind], noticed_years: Iterable[int] | None = None) -> DayTable:
        """Weekends rest and `exceptions` override them.

        A year counts as noticed if the State Council's notice is in: if it is in `noticed_years`, or by default if an
        exception of kind `holiday` lies in it. Every other year is provisional and rests on its statutory holidays.
        """
        _expect_kinds(exceptions)
        if noticed_years is None:
            noticed_years = {day.year for day, kind in exceptions.items() if kind == "holiday"}
        noticed = frozenset(noticed_years)
        worked = _worked_days(exceptions, noticed)
        before = tuple(accumulate(worked, initial=0))
        return cls(before, tuple(index for index, works in enumerate(worked) if works), noticed)

    def index(self, day: date) -> int:
        """Raises ValueError for a day off the table."""
        return self.on_table(day.toordinal() - _FIRST)

    def on_table(self, index: int) -> int:
        """The index itself; raises ValueError if no such day is on the table."""
        if not 0 <= index < _DAYS:
            raise ValueError(f"Expected a day of {FIRST_YEAR} to {LAST_YEAR}, but found one outside")
        return index

    def works(self, index: int) -> bool:
        """Whether the day is a working day."""
        return self.before[index + 1] > self.before[index]

    def next_workday(self, index: int) -> int:
        """The first working day not before this one."""
        return self.workday(self.before[self.on_table(index)])

    def nth_after(self, index: int, count: int) -> int:
        """The `count`-th working day after this one, which is not counted itself; 0 is the next not before it."""
        if count == 0:
            return self.next_workday(index)
        return self.workday(self.before[index + 1] + count - 1)

    def workday(self, number: int) -> int:
        """The index of working day number `number`; raises ValueError beyond the table's ends."""
        if not 0 <= number < len(self.workdays):
            raise ValueError(f"Expected a working day of {FIRST_YEAR} to {LAST_YEAR}, but found one outside")
        return self.workdays[number]

    def count(self, after: int, until: int) -> int:
        """Working days after one day and not after the other; negative if they stand the other way round."""
        return self.before[until + 1] - self.before[after + 1]


def _expect_kinds(exceptions: Mapping[date, DayKind]) -> None:
    unknown = sorted(set(exceptions.values()) - _KINDS)
    if unknown:
        raise ValueError(f"Expected a day to be one of {sorted(_KINDS)}, but found {unknown}")


def _worked_days(exceptions: Mapping[date, DayKind], noticed: frozenset[int]) -> list[bool]:
    worked = [(_FIRST + index) % 7 not in (6, 0) for index in range(_DAYS)]
    for year in frozenset(range(FIRST_YEAR, LAST_YEAR + 1)) - noticed:
        for day, _name in statutory_days(year):
            worked[day.toordinal() - _FIRST] = False
    for day, kind in exceptions.items():
        index = day.toordinal() - _FIRST
        if 0 <= index < _DAYS:
            worked[index] = kind in _WORKED_KINDS
    return worked
