"""The functions that a timer expression may call, such as `working_days(5)`, computed by a calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self, get_args

from service.working_time.calendar import WorkingCalendar
from service.working_time.limits import Limit, Unit, expect_count, expect_unit

TIMER_FUNCTIONS: tuple[str, ...] = get_args(Unit)


class TimerValue(str):
    """A due instant as the text that the engine arms: ISO 8601 with the county's offset, such as +08:00.

    It remembers the limit and the day or instant it counts from, so that warnings and stops can be derived from it.
    """

    __slots__ = ("due", "limit", "since")

    due: datetime
    limit: Limit
    since: date | datetime

    def __new__(cls, text: str, due: datetime, limit: Limit, since: date | datetime) -> Self:
        value = super().__new__(cls, text)
        value.due, value.limit, value.since = due, limit, since
        return value

    def __reduce__(self) -> tuple[type[TimerValue], tuple[str, datetime, Limit, date | datetime]]:
        return TimerValue, (str(self), self.due, self.limit, self.since)


@dataclass(frozen=True, slots=True)
class TimerFunctions:
    """Calls of one act: `now` is what a limit without `since=` counts from."""

    calendar: WorkingCalendar
    now: datetime

    def __call__(self, name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> TimerValue:
        """`name(count)` or `name(count, since=…)`; since is a date or aware instant, or its ISO 8601 text.

        `natural_days(count, before=…)` counts back from a day.

        Raises ValueError for another name, argument, count (0 to 3650) or since.
        """
        if set(kwargs) == {"before"} and len(args) == 1 and name == "natural_days":
            return self._before(_count(args[0]), _since(kwargs["before"]))
        if len(args) != 1 or set(kwargs) - {"since"}:
            raise ValueError(
                f"Expected {name}(count) or {name}(count, since=…), but found {len(args)} and {list(kwargs)}"
            )
        limit = Limit(_count(args[0]), expect_unit(name))
        since = _since(kwargs["since"]) if "since" in kwargs else self.now
        due = self.calendar.due(limit, since)
        return TimerValue(due.astimezone(self.calendar.zone).isoformat(), due, limit, since)

    def _before(self, count: int, day: date | datetime) -> TimerValue:
        """The first instant of the day that lies `count` days before another: `natural_days(15, before=due_on)`."""
        last = self.calendar.local_date(day) if isinstance(day, datetime) else day
        first = last - timedelta(days=count)
        due = datetime.combine(first, time(), tzinfo=self.calendar.zone)
        return TimerValue(due.isoformat(), due, Limit(0, "natural_days"), first)


def expression_functions(calendar: WorkingCalendar, now: datetime) -> TimerFunctions:
    """The callable that an evaluator of timer expressions hands its calls to."""
    return TimerFunctions(calendar, now)


def _count(value: object) -> int:
    if not isinstance(value, int):
        raise ValueError(f"Expected a whole number, but found {value!r}")
    return expect_count(value)


def _since(value: object) -> date | datetime:
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise ValueError(f"Expected a date or an instant to count from, but found {value!r}")
    return date.fromisoformat(value) if len(value) <= len("2026-11-23") else datetime.fromisoformat(value)
