"""The calendar that computes every limit of the county (民法典 200 to 204). Instants in are aware, out are UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from service.working_time.day_table import FIRST_YEAR, LAST_YEAR, DayTable
from service.working_time.limits import (
    Limit,
    Remaining,
    RemainingWork,
    Unit,
    WarningInstants,
    expect_count,
    expect_unit,
)
from service.working_time.office_hours import MICROSECONDS_PER_HOUR, HoursTable, OfficeHours
from service.working_time.official_days import DayKind

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_YELLOW_BY_DAYS_FROM = 5  # DOMAIN: one working day left warns too, in limits of five working days and more.
# Days with the office hours that hold from them on.
LaterHours = Sequence[tuple[date, Sequence[str]]]


class _Span(NamedTuple):
    """From where a limit runs to where it would end without stops; the office time between, if it runs in that."""

    start: datetime
    nominal: datetime
    office_time: int | None


@dataclass(frozen=True, slots=True, eq=False)
class WorkingCalendar:
    """Immutable; `build` it again when the table changes. `epoch` is the first midnight of the table, `zone` local.

    A `since` is a date or an aware instant. Days outside 2000 to 2060, instants without offset and counts outside
    0 to 3650 raise ValueError everywhere.
    """

    days: DayTable
    hours: HoursTable
    zone: ZoneInfo
    epoch: datetime

    @classmethod
    def build(
        cls,
        exceptions: Mapping[date, DayKind],
        *,
        office_hours: Sequence[str] = ("09:00-12:00", "13:30-17:30"),
        later_hours: LaterHours = (),
        zone: str = "Asia/Shanghai",
        noticed_years: Iterable[int] | None = None,
    ) -> WorkingCalendar:
        """From the rows of the calendar table; takes some milliseconds. See `DayTable.build` for `noticed_years`.

        `later_hours` are the days from which other office hours hold.
        """
        place = ZoneInfo(zone)
        _expect_one_offset(place)
        epoch = datetime(FIRST_YEAR, 1, 1, tzinfo=place).astimezone(UTC)
        days = DayTable.build(exceptions, noticed_years)
        return cls(days, _hours(days, office_hours, later_hours), place, epoch)

    def with_hours(self, office_hours: Sequence[str], later_hours: LaterHours = ()) -> WorkingCalendar:
        """The same days with the hours of one window."""
        return replace(self, hours=_hours(self.days, office_hours, later_hours))

    def is_workday(self, day: date) -> bool:
        """Whether the office works on this local date."""
        return self.days.works(self.days.index(day))

    def is_provisional(self, year: int) -> bool:
        """Whether the notice of that year is not in: its days off in lieu and make-up days are then unknown."""
        return year not in self.days.noticed_years

    def provisional_at(self, at: datetime) -> bool:
        """Whether the last day before an instant, on which a limit ends, lies in a year whose notice is not in."""
        return self.is_provisional(self.local_date(at - _TICK).year)

    def local_date(self, at: datetime) -> date:
        """The county's date at an instant."""
        return at.astimezone(self.zone).date()

    # Adding

    def add_working_days(self, since: date | datetime, n: int) -> datetime:
        """Close of business on the n-th working day; the first day is not counted (民法典 201, 203)."""
        return self._at_close(self.days.nth_after(self._day(since), expect_count(n)))

    def add_natural_days(self, since: date | datetime, n: int) -> datetime:
        """24:00 of the n-th day, the first not counted; a last day that rests moves to the next working day."""
        return self._at(self.days.next_workday(self._day(since) + expect_count(n)) + 1, 0)

    def add_office_hours(self, since: date | datetime, h: int) -> datetime:
        """Hours run at once, but inside office hours alone. A date means its first midnight."""
        start = self._instant(since)
        if expect_count(h) == 0:
            return start
        return self._when_worked(self._worked(start) + h * MICROSECONDS_PER_HOUR)

    def add_hours(self, since: date | datetime, h: int) -> datetime:
        """Hours of the clock, which run at once. A date means its first midnight."""
        return self._instant(since) + timedelta(hours=expect_count(h))

    # Counting

    def office_time_between(self, a: datetime, b: datetime) -> timedelta:
        """Office time from one instant to another, to the microsecond; negative if `b` lies before `a`."""
        return timedelta(microseconds=self._worked(b) - self._worked(a))

    def office_minutes_between(self, a: datetime, b: datetime) -> int:
        """Whole minutes of office time, rounded towards 0; negative if `b` lies before `a`."""
        return int(self.office_time_between(a, b) / timedelta(minutes=1))

    def working_days_between(self, a_date: date, b_date: date) -> int:
        """Working days after `a_date` up to and with `b_date`; the inverse of `add_working_days`."""
        return self.days.count(self.days.index(a_date), self.days.index(b_date))

    def remaining(self, due: datetime, now: datetime, unit: Unit) -> Remaining:
        """Whole units left or passed, for the words on a page."""
        match expect_unit(unit):
            case "working_days" | "natural_days":
                left = self._days_left(due, now, unit)
                return Remaining(max(-left if now > due else left, 0), unit, overdue=now > due)
            case "office_hours":
                time_left = self.office_time_between(now, due)
            case "hours" | "minutes":
                time_left = due - now
        whole = timedelta(minutes=1) if unit == "minutes" else timedelta(hours=1)
        return Remaining(abs(time_left) // whole, unit, overdue=now > due)

    # Limits

    def due(self, limit: Limit, since: date | datetime) -> datetime:
        """The instant after which the limit has passed."""
        match limit.unit:
            case "working_days":
                return self.add_working_days(since, limit.value)
            case "natural_days":
                return self.add_natural_days(since, limit.value)
            case "office_hours":
                return self.add_office_hours(since, limit.value)
            case "hours":
                return self.add_hours(since, limit.value)
            case "minutes":
                return self._instant(since) + timedelta(minutes=limit.value)

    def share_instant(self, limit: Limit, since: date | datetime, due: datetime, share: Decimal | float) -> datetime:
        """The instant at which that share (0 to 1) of the limit's working time is gone.

        It is counted back from `due`, so that a due instant moved by stops keeps its warnings: the rest of the
        limit's own time lies between them. Limits in working days and office hours run in office time, the others
        in elapsed time. Never before the limit began to run.
        """
        return self._share_of(self._span(limit, since), due, share)

    def warning_instants(
        self,
        limit: Limit,
        since: date | datetime,
        due: datetime,
        *,
        blue: Decimal | float = 0.5,
        yellow: Decimal | float = 0.8,
    ) -> WarningInstants:
        """Blue and yellow of a limit whose red is `due`.

        A limit in days that holds five working days or more turns yellow when one working day is left, if that
        comes before the share: so before a long holiday at the end of a period in natural days.
        """
        if limit.unit in ("working_days", "natural_days"):
            return _warnings_of_days(self, limit, self._at(self._day(since), 0), due, (blue, yellow))
        span = self._span(limit, since)
        yellow_at = self._share_of(span, due, yellow)
        return WarningInstants(min(self._share_of(span, due, blue), yellow_at), yellow_at)

    # Stops

    def remaining_time(self, limit: Limit, due: datetime, at: datetime) -> RemainingWork:
        """What a limit stopped at `at` still has, to be given to `resume`.

        A limit in days stops by days: a day is not counted if the limit stood still when that day ended, at close of
        business for working days, at 24:00 for natural days. A limit in hours stops to the microsecond.
        """
        if at > due:
            return RemainingWork(limit.unit, 0, lapsed_due=due)
        match limit.unit:
            case "working_days":
                amount = self._days_closed(due) - self._days_closed(at)
            case "natural_days":
                amount = self._day(due - _TICK) - self._day(at - _TICK)
            case "office_hours":
                amount = self._worked(due) - self._worked(at)
            case "hours" | "minutes":
                amount = (due - at) // _TICK
        return RemainingWork(limit.unit, amount)

    def resume(self, remaining: RemainingWork, at: datetime) -> datetime:
        """The new due instant of a limit that runs again from `at`; stopped and resumed at once it is the old one."""
        if remaining.lapsed_due is not None:
            return remaining.lapsed_due
        match remaining.unit:
            case "working_days":
                return self._at_close(self.days.workday(self._days_closed(at) + remaining.amount))
            case "natural_days":
                return self._at(self.days.next_workday(self._day(at - _TICK) + remaining.amount) + 1, 0)
            case "office_hours" if remaining.amount:
                return self._when_worked(self._worked(at) + remaining.amount)
            case _:
                return self._instant(at) + remaining.amount * _TICK

    def due_after_stops(
        self, limit: Limit, since: date | datetime, stops: Iterable[tuple[datetime, datetime]]
    ) -> datetime:
        """The instant after which a limit has passed that stood still during `stops` (in order, none overlapping).

        A day does not count if the limit stood still when it ended: at close of business for working days, at 24:00
        for natural days. The last day is one on which the office works and the limit runs (民法典 203). What begins
        after the limit has passed heals nothing.
        """
        if limit.unit == "working_days":
            return self._working_days_after_stops(limit, since, stops)
        if limit.unit == "natural_days":
            return self._natural_days_after_stops(limit, since, stops)
        due = self.due(limit, since)
        for start, end in stops:
            begun = max(start, self._instant(since))
            if begun < due and begun < end:
                due = self.resume(self.remaining_time(limit, due, begun), end)
        return due

    def days_stopped(
        self, limit: Limit, since: date | datetime, stops: Iterable[tuple[datetime, datetime]]
    ) -> list[int]:
        """How many days of a limit in days each of the stops takes out (in order, none overlapping)."""
        if limit.unit == "working_days":
            return list(self._working_days_stopped(limit, since, stops))
        return list(self._natural_days_stopped(limit, since, stops))

    def days_counted(
        self, limit: Limit, since: date | datetime, stops: Iterable[tuple[datetime, datetime | None]], now: datetime
    ) -> int:
        """Days of a limit in days that have gone up to and with today, less those on which it stood still.

        A stop without an end is open `now`. Begun on the limit's first day, which does not count, it has let no day
        count, today neither. Counted and left together are the limit, until it has passed.
        """
        first, today = self._day(since), self._day(now)
        whole = timedelta(days=1)
        stood = [(a, b if b is not None else now + whole * (self._day(a) == first)) for a, b in stops]
        gone = self.days.count(first, today) if limit.unit == "working_days" else today - first
        return max(gone - sum(self.days_stopped(limit, since, stood)), 0)

    def _working_days_stopped(
        self, limit: Limit, since: date | datetime, stops: Iterable[tuple[datetime, datetime]]
    ) -> Iterator[int]:
        first = self.days.before[self._day(since) + 1]  # Working days gone when the first one counted begins.
        number = self.days.before[self.days.nth_after(self._day(since), limit.value)]
        for start, end in stops:
            gone = max(self._days_closed(start), first)
            taken = max(self._days_closed(end) - gone, 0) if gone <= number else 0
            number += taken
            yield taken

    def _natural_days_stopped(
        self, limit: Limit, since: date | datetime, stops: Iterable[tuple[datetime, datetime]]
    ) -> Iterator[int]:
        first = self._day(since) + 1
        last = first - 1 + limit.value
        for start, end in stops:
            from_day = max(self._day(start - _TICK), first)
            taken = max(self._day(end - _TICK) - from_day, 0) if from_day <= last else 0
            last += taken
            yield taken

    def _working_days_after_stops(
        self, limit: Limit, since: date | datetime, stops: Iterable[tuple[datetime, datetime]]
    ) -> datetime:
        number = self.days.before[self.days.nth_after(self._day(since), limit.value)]
        return self._at_close(self.days.workday(number + sum(self._working_days_stopped(limit, since, stops))))

    def _natural_days_after_stops(
        self, limit: Limit, since: date | datetime, stops: Iterable[tuple[datetime, datetime]]
    ) -> datetime:
        first = self._day(since) + 1
        last = first - 1 + limit.value
        rolled = self.days.next_workday(last)
        for start, end in stops:
            from_day, until_day = max(self._day(start - _TICK), first), self._day(end - _TICK)
            if until_day <= from_day or from_day > rolled:
                continue
            if from_day <= last:
                last += until_day - from_day
                rolled = self.days.next_workday(last)
            else:  # All its days are counted, but the working day on which it may end stood still.
                rolled = self.days.next_workday(max(until_day, rolled))
        return self._at(rolled + 1, 0)

    # Axes: a day is an index of the table, office time an amount of microseconds since the epoch.

    def _split(self, at: datetime) -> tuple[int, int]:
        if at.tzinfo is None:
            raise ValueError(f"Expected an instant with an offset, but found {at.isoformat()}")
        since_epoch = at - self.epoch
        return self.days.on_table(since_epoch.days), since_epoch.seconds * 1_000_000 + since_epoch.microseconds

    def _day(self, since: date | datetime) -> int:
        return self._split(since)[0] if isinstance(since, datetime) else self.days.index(since)

    def _at(self, day: int, time_of_day: int) -> datetime:
        return self.epoch + timedelta(days=day, microseconds=time_of_day)

    def _instant(self, since: date | datetime) -> datetime:
        if isinstance(since, datetime):
            self._split(since)
            return since.astimezone(UTC)
        return self._at(self.days.index(since), 0)

    def _at_close(self, day: int) -> datetime:
        return self._at(day, self.hours.on(day).close)

    def _worked(self, at: datetime) -> int:
        return self.hours.worked(*self._split(at))

    def _when_worked(self, amount: int) -> datetime:
        return self._at(*self.hours.when_worked(amount))

    def _days_left(self, due: datetime, now: datetime, unit: Unit) -> int:
        today, last_day = self._day(now), self._day(due - _TICK)
        return self.days.count(today, last_day) if unit == "working_days" else last_day - today

    def _days_closed(self, at: datetime) -> int:
        day, time_of_day = self._split(at)
        return self.days.before[day] + (self.days.works(day) and time_of_day > self.hours.on(day).close)

    def _start(self, limit: Limit, since: date | datetime) -> datetime:
        if limit.unit in ("office_hours", "hours", "minutes"):
            return self._instant(since)
        if limit.unit == "natural_days":
            return self._at(self._day(since) + min(limit.value, 1), 0)
        first_counted = self.days.nth_after(self._day(since), min(limit.value, 1))
        return self._at(first_counted, self.hours.on(first_counted).windows[0][0])

    def _span(self, limit: Limit, since: date | datetime) -> _Span:
        start, nominal = self._start(limit, since), self.due(limit, since)
        if limit.unit in ("working_days", "office_hours"):
            return _Span(start, nominal, self._worked(nominal) - self._worked(start))
        return _Span(start, nominal, None)

    def _share_of(self, span: _Span, due: datetime, share: Decimal | float) -> datetime:
        if not 0 <= share <= 1:
            raise ValueError(f"Expected a share of 0 to 1, but found {share}")
        rest = 1 - float(share)
        if span.office_time is None:
            at = due - (span.nominal - span.start) * rest
        else:
            at = self._when_worked(self._worked(due) - round(span.office_time * rest))
        return min(max(at, span.start), due)


# A limit in days depends on the day alone from which it counts: all that an office accepts on one day has the same.
@lru_cache(maxsize=2048)
def _warnings_of_days(
    calendar: WorkingCalendar,
    limit: Limit,
    since: datetime,
    due: datetime,
    shares: tuple[Decimal | float, Decimal | float],
) -> WarningInstants:
    span = calendar._span(limit, since)
    blue_at, yellow_at = (calendar._share_of(span, due, share) for share in shares)
    held = calendar.days.count(calendar._day(since), calendar._day(span.nominal - _TICK))
    if held >= _YELLOW_BY_DAYS_FROM:
        last_day = calendar.hours.on(calendar._day(due)).length
        yellow_at = min(yellow_at, calendar._when_worked(calendar._worked(due) - last_day))
    return WarningInstants(min(blue_at, yellow_at), yellow_at)


def _hours(days: DayTable, first: Sequence[str], later: LaterHours) -> HoursTable:
    return HoursTable.build(
        days, OfficeHours.parse(first), [(days.index(day), OfficeHours.parse(texts)) for day, texts in later]
    )


def _expect_one_offset(zone: ZoneInfo) -> None:
    noons = [datetime(year, month, 1, 12, tzinfo=zone) for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in (1, 7)]
    if len({noon.utcoffset() for noon in noons}) > 1:
        raise ValueError(f"Expected a zone without summer time, but found {zone.key}")
