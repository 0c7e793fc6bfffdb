"""The clock of a case as people read it: its limits, what is counted and left, and when it stood still."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, literal_column, select

from service.database.tables import case, clock_stop, due_row
from service.reads.calendar import CalendarCache
from service.working_time import Limit, Remaining, RemainingWork, WorkingCalendar

CASE_ROLES = ("promised_limit", "statutory_limit")
_UNIT_WORDS = {
    "working_days": ("个工作日", "working day"),
    "natural_days": ("天", "day"),
    "office_hours": ("个工作小时", "office hour"),
    "hours": ("小时", "hour"),
    "minutes": ("分钟", "minute"),
}
_ROLES: list[ColumnElement[str]] = [literal_column(f"'{role}'") for role in CASE_ROLES]
LIMITS = select(due_row).where(due_row.c.case_id == bindparam("case_id"), due_row.c.role.in_(_ROLES))
_BY_NUMBER = select(case.c.id, case.c.department, case.c.power_item).where(case.c.number == bindparam("number"))
STOPS = select(clock_stop).where(clock_stop.c.case_id == bindparam("case_id"))


@dataclass(frozen=True, slots=True)
class StopInLimit:
    """One stop with what it takes out of a limit in days, whole days of its unit; stops that overlap count once."""

    element_id: str
    basis: str
    started_at: datetime
    ended_at: datetime | None
    days: int


@dataclass(frozen=True, slots=True)
class LimitClock:
    """One running or stopped limit; `due_at` is None while it stands still. Units counted and left are of `unit`."""

    role: str
    value: int
    unit: str
    since: datetime
    due_at: datetime | None
    stopped: bool
    overdue: bool
    counted_units: int
    units_left: int
    words_zh: str
    words_en: str
    stops: tuple[StopInLimit, ...] = ()
    provisional: bool = False

    @property
    def days_stopped(self) -> int:
        """Days that its stops have taken out so far."""
        return sum(stop.days for stop in self.stops)

    @property
    def limit(self) -> dict[str, int | str]:
        return {"value": self.value, "unit": self.unit}

    @property
    def counted(self) -> dict[str, int | str]:
        return {"value": self.counted_units, "unit": self.unit}

    @property
    def remaining(self) -> dict[str, int | str]:
        return {"value": self.units_left, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class StopView:
    element_id: str
    basis: str
    started_at: datetime
    planned_end_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseClock:
    """`stopped` while at least one stop is open."""

    limits: tuple[LimitClock, ...]
    stops: tuple[StopView, ...]
    stopped: bool


def clock_view(
    limits: Iterable[Any],
    stops: Iterable[Any],
    calendar: WorkingCalendar,
    now: datetime,
    passed: Iterable[Mapping[str, Any]] = (),
) -> CaseClock:
    """The clock of one case at `now`; `passed` is the evidence of its red alarms, since what has passed has no row."""
    stood = tuple(
        StopView(r.element_id, r.basis, r.started_at, r.planned_end_at, r.ended_at)
        for r in sorted(stops, key=attrgetter("started_at"))
    )
    rows = {row.role: row for one in passed if (row := _passed(one)) is not None}
    rows |= {r.role: r for r in limits if r.limit_unit}
    running = tuple(_limit(r, stood, calendar, now) for r in sorted(rows.values(), key=attrgetter("role")))
    return CaseClock(running, stood, any(stop.ended_at is None for stop in stood))


def read_clock(connection: Connection, calendars: CalendarCache, number: str, now: datetime) -> CaseClock:
    """The clock of the case of this number, from its rows alone."""
    row = connection.execute(_BY_NUMBER, {"number": number}).one()
    calendar = calendars.of(connection, None, row.department, row.power_item)
    asked = {"case_id": row.id}
    return clock_view(connection.execute(LIMITS, asked).all(), connection.execute(STOPS, asked).all(), calendar, now)


def _passed(evidence: Mapping[str, Any]) -> Any:
    """A limit of the case as the alarm saw it when it passed."""
    if evidence.get("role") not in CASE_ROLES or not evidence.get("unit"):
        return None
    since, due = (datetime.fromisoformat(evidence[name]) for name in ("counted_from", "due_at"))
    return SimpleNamespace(
        role=evidence["role"],
        limit_value=evidence["limit"],
        limit_unit=evidence["unit"],
        counted_from=since,
        due_at=due,
        state=0,
        remaining=None,
    )


def _limit(row: Any, stood: Sequence[StopView], calendar: WorkingCalendar, now: datetime) -> LimitClock:
    limit = Limit(row.limit_value, row.limit_unit)
    stopped = row.state == 1
    due = calendar.resume(RemainingWork.from_json(row.remaining), now) if stopped and row.remaining else row.due_at
    left = calendar.remaining(due, now, limit.unit)
    counted = limit.value + left.value if left.overdue else max(limit.value - left.value, 0)
    parts: tuple[StopInLimit, ...] = ()
    if limit.unit in ("working_days", "natural_days"):
        parts = _stops_in(limit, row.counted_from, stood, calendar, now)
        counted = calendar.days_counted(limit, row.counted_from, _joined(parts), now)
    units_left = left.value if left.overdue else max(limit.value - counted, 0)
    # While it stands still nobody knows on which day it ends: what is left is of the limit itself.
    told = Remaining(units_left, limit.unit, left.overdue) if stopped and "days" in limit.unit else left
    words_zh, words_en = remaining_words(told, stopped=stopped)
    return LimitClock(
        row.role,
        limit.value,
        limit.unit,
        row.counted_from,
        None if stopped else due,
        stopped,
        left.overdue,
        counted,
        units_left,
        words_zh,
        words_en,
        parts,
        calendar.provisional_at(due),
    )


def _stops_in(
    limit: Limit, since: datetime, stood: Sequence[StopView], calendar: WorkingCalendar, now: datetime
) -> tuple[StopInLimit, ...]:
    """The stops one after another, each from where those before it have ended; one that adds nothing is left out."""
    found: list[tuple[StopView, datetime, datetime]] = []
    until = since
    for stop in stood:
        start, end = max(stop.started_at, until), stop.ended_at or now
        if start < end:
            found.append((stop, start, end))
            until = end
    days = calendar.days_stopped(limit, since, [(start, end) for _, start, end in found])
    return tuple(
        StopInLimit(stop.element_id, stop.basis, start, stop.ended_at, taken)
        for (stop, start, _end), taken in zip(found, days, strict=True)
    )


def _joined(parts: Iterable[StopInLimit]) -> list[tuple[datetime, datetime | None]]:
    """The spans in which the limit stood still: a stop that takes over from another goes on with it."""
    spans: list[tuple[datetime, datetime | None]] = []
    for one in parts:
        taken_over = bool(spans) and spans[-1][1] == one.started_at
        begun = spans.pop()[0] if taken_over else one.started_at
        spans.append((begun, one.ended_at))
    return spans


def remaining_words(left: Remaining, *, stopped: bool = False) -> tuple[str, str]:
    """剩 2 个工作日 / 2 working days left; 今日到期; 超期 1 个工作日; 停表中，剩 …, in Chinese and English."""
    zh, en = _UNIT_WORDS[left.unit]
    plural = en if left.value == 1 else f"{en}s"
    if left.overdue:
        words = (f"超期 {left.value} {zh}", f"{left.value} {plural} overdue") if left.value else ("已超期", "overdue")
    elif left.value:
        words = (f"剩 {left.value} {zh}", f"{left.value} {plural} left")
    else:
        words = ("今日到期", "due today") if "days" in left.unit else ("不足 1 小时", "less than an hour left")
    return (f"停表中，{words[0]}", f"clock stopped, {words[1]}") if stopped else words


def due_words(due_at: datetime, now: datetime, calendar: WorkingCalendar) -> tuple[str, str]:
    """What is left until an instant, in working days; for lists."""
    return remaining_words(calendar.remaining(due_at, now, "working_days"))


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
