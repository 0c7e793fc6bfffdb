"""Instants, dates, amounts and sizes as people read them. All in the county's zone, which the caller hands in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from service.reads.case_clock import due_words
from service.web.pages.words import in_english, say
from service.working_time import WorkingCalendar

# DOMAIN section 5: blue from half of the working time, yellow from four fifths; a row of a list has no other source.
_YELLOW_PERCENT = 80


def instant(at: datetime | None, zone: tzinfo) -> str:
    """2026-11-23 09:30; — for none."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else "—"


def day(on: date | datetime | None, zone: tzinfo) -> str:
    """2026-11-23; — for none."""
    if on is None:
        return "—"
    return (on.astimezone(zone).date() if isinstance(on, datetime) else on).isoformat()


def near(at: datetime | None, zone: tzinfo, now: datetime) -> str:
    """今天 17:30, else 11-25 17:30, with the year where it is another."""
    if at is None:
        return "—"
    there, here = at.astimezone(zone), now.astimezone(zone)
    if there.date() == here.date():
        return say("今天 %(time)s", time=there.strftime("%H:%M"))
    return there.strftime("%m-%d %H:%M" if there.year == here.year else "%Y-%m-%d %H:%M")


def due(at: datetime | None, zone: tzinfo) -> str:
    """The end of a limit: midnight is 24:00 of the day before (民法典 203)."""
    ends = _day_that_ends(at, zone)
    return f"{ends.isoformat()} 24:00" if ends else instant(at, zone)


def due_near(at: datetime | None, zone: tzinfo, now: datetime) -> str:
    """今天 24:00, 11-25 17:30: the end of a limit, near."""
    ends = _day_that_ends(at, zone)
    if at is None or ends is None:
        return near(at, zone, now)
    noon = datetime.combine(ends, time(12), zone)
    return near(noon, zone, now).replace("12:00", "24:00")


def _day_that_ends(at: datetime | None, zone: tzinfo) -> date | None:
    there = at.astimezone(zone) if at else None
    return (there - timedelta(days=1)).date() if there and there.time() == time.min else None


def iso(value: Any, zone: tzinfo) -> str:
    """For machines: with the zone's offset."""
    return value.astimezone(zone).isoformat() if isinstance(value, datetime) else str(value)


def yuan(fen: int | None) -> str:
    """¥1,234.50; — where no amount is known."""
    return "—" if fen is None else f"¥{fen / 100:,.2f}"


def size(octets: int) -> str:
    """12.4 MB, 182 kB."""
    return f"{octets / 1_048_576:.1f} MB" if octets >= 1_048_576 else f"{max(1, round(octets / 1024))} kB"


@dataclass(frozen=True, slots=True)
class ClockView:
    """A running limit: what is left in words, its colour, the share gone in percent, the due instant."""

    words: str
    colour: str
    percent: int
    due_at: datetime | None
    stopped: bool = False


def clock_view(
    due_at: datetime | None, since: datetime, now: datetime, calendar: WorkingCalendar, colour: str | None = None
) -> ClockView | None:
    """The clock of a step or case. `colour` is that of its alarm; without one, lateness and share decide."""
    if due_at is None:
        return None
    percent = share_gone(due_at, since, now, calendar)
    if colour is None:
        colour = "red" if now > due_at else "yellow" if percent >= _YELLOW_PERCENT else ""
    return ClockView(_words(due_at, now, calendar), "red" if now > due_at else colour, percent, due_at)


def _words(due_at: datetime, now: datetime, calendar: WorkingCalendar) -> str:
    if now <= due_at and calendar.local_date(due_at) == calendar.local_date(now):
        return say("今天 %(time)s 到期", time=due_at.astimezone(calendar.zone).strftime("%H:%M"))
    zh, en = due_words(due_at, now, calendar)
    return en if in_english() else zh


def share_gone(due_at: datetime, since: datetime, now: datetime, calendar: WorkingCalendar) -> int:
    """Percent of the office time from `since` to `due_at` that has passed, 0 to 100."""
    whole = calendar.office_time_between(since, due_at)
    if now >= due_at or not whole:
        return 100
    return max(0, min(99, int(100 * (calendar.office_time_between(since, now) / whole))))
