"""What the limits of a case are under another calendar. Pure: rows and memory in, moves out.

A limit counts from the day it began, less the time that its clock stood still, so that the same calendar moves nothing.
Hours and minutes of the clock know no calendar and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.engine import CASE_LIMIT_ROLES
from service.timers.standing_still import Span, counting_from, merged
from service.working_time import Limit, WorkingCalendar

COUNTED_UNITS = ("working_days", "natural_days", "office_hours")
WARNINGS = frozenset({"blue", "yellow"})
STOP_END = "stop_end"
# In a case's memory: limits of steps that were entered again and count from their first entry. What stopped the case
# before they were armed stopped them only as far as `stood` says.
WENT_ON = "went_on"
PAUSED = 1
Memory = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shares:
    """At which share of a limit its warnings stand."""

    blue: float
    yellow: float


def shares_of(blue_percent: int | None, yellow_percent: int | None) -> Shares:
    """The county's own for an item, else the usual ones."""
    return Shares((blue_percent or 50) / 100, (yellow_percent or 80) / 100)


@dataclass(frozen=True, slots=True)
class Recounted:
    """A timer that moves. `before` and `after` are None while it stands still: then `remaining` says what it has left.

    `rows` are the new instants of those of its rows that move, by role.
    """

    timer_id: str
    role: str
    element_id: str
    step_id: str
    before: datetime | None
    after: datetime | None
    remaining: dict[str, str | int] | None = None
    remaining_before: dict[str, str | int] | None = None
    rows: dict[str, datetime] = field(default_factory=dict)

    @property
    def moves_due(self) -> bool:
        """Whether more than a warning moves."""
        return self.before != self.after or self.remaining != self.remaining_before


def recount(
    rows: Iterable[Any], memory: Memory, calendar: WorkingCalendar, at: datetime, shares: Shares
) -> list[Recounted]:
    """The moves of one case from all its due rows and its memory; nothing where the calendar moves nothing."""
    by_timer: dict[str, dict[str, Any]] = {}
    for row in rows:
        by_timer.setdefault(row.timer_id, {})["main" if row.role not in WARNINGS else row.role] = row
    found, due_of_step = [], {}
    for parts in by_timer.values():
        main = parts.get("main")
        if main is None or main.role == STOP_END or main.limit_unit not in COUNTED_UNITS:
            continue
        move = _paused(main, memory, calendar, at) if main.state == PAUSED else _running(main, memory, calendar, at)
        if move.after is not None:
            due_of_step[main.step_id, main.due_at] = move.after
            move.rows.update(_warnings(parts, main, move.after, calendar, shares))
        if move.moves_due or move.rows:
            found.append(move)
    ends = [parts["main"] for parts in by_timer.values() if "main" in parts and parts["main"].role == STOP_END]
    planned = (_planned_end(row, memory, calendar, due_of_step) for row in ends)
    return found + [move for move in planned if move is not None]


def due_of(
    role: str,
    timer_id: str,
    limit: Limit,
    since: datetime,
    armed_at: datetime,
    memory: Memory,
    calendar: WorkingCalendar,
) -> datetime:
    """When a limit that runs is due: what counts from before it was armed stood still with the case until then."""
    return calendar.due_after_stops(limit, since, _stood(role, timer_id, since, armed_at, memory))


def _stood(role: str, timer_id: str, since: datetime, armed_at: datetime, memory: Memory) -> list[Span]:
    stopped = memory.get("stopped", [])
    if role in CASE_LIMIT_ROLES:
        return merged(stopped)
    counts_back = since < armed_at and timer_id not in memory.get(WENT_ON, ())
    earlier = [(a, min(b, armed_at)) for a, b in merged(stopped) if counts_back and a < armed_at]
    own = merged(memory.get("stood", {}).get(timer_id, []))
    return merged([(a.isoformat(), b.isoformat()) for a, b in (*earlier, *own)])


def _limit(row: Any) -> Limit:
    return Limit(row.limit_value, row.limit_unit)


def _running(row: Any, memory: Memory, calendar: WorkingCalendar, at: datetime) -> Recounted:
    due = due_of(row.role, row.timer_id, _limit(row), row.counted_from, row.armed_at, memory, calendar)
    moved = {row.role: due} if due != row.due_at else {}
    return Recounted(row.timer_id, row.role, row.element_id, row.step_id, row.due_at, due, rows=moved)


def _warnings(
    parts: Mapping[str, Any], main: Any, due: datetime, calendar: WorkingCalendar, shares: Shares
) -> dict[str, datetime]:
    if len(parts) == 1:
        return {}
    found = calendar.warning_instants(_limit(main), main.counted_from, due, blue=shares.blue, yellow=shares.yellow)
    instants = {"blue": found.blue, "yellow": found.yellow}
    return {role: at for role, at in instants.items() if role in parts and parts[role].due_at != at}


def _paused(row: Any, memory: Memory, calendar: WorkingCalendar, at: datetime) -> Recounted:
    """What is left of a limit that stands still, counted up to the moment when it was stopped."""
    limit = _limit(row)
    if row.timer_id in memory.get("held", {}):
        stopped_at = datetime.fromisoformat(memory["held"][row.timer_id][4])
        due = due_of(row.role, row.timer_id, limit, row.counted_from, row.armed_at, memory, calendar)
    else:
        running = [[started, at.isoformat()] for _element, started, _planned in memory.get("stops", {}).values()]
        spans = merged([*memory.get("stopped", []), *running])
        stopped_at = counting_from(calendar, limit, row.counted_from, spans[-1][0] if spans else at)
        due = calendar.due_after_stops(limit, row.counted_from, spans[:-1])
    left = calendar.remaining_time(limit, due, stopped_at).as_json()
    return Recounted(row.timer_id, row.role, row.element_id, row.step_id, None, None, left, row.remaining)


def _planned_end(
    row: Any, memory: Memory, calendar: WorkingCalendar, due_of_step: Mapping[tuple[str, datetime], datetime]
) -> Recounted | None:
    """A stop ends with the step that it belongs to, or after the working days that were planned for it."""
    days = memory.get("stop_days", {}).get(row.timer_id)
    if days is not None:
        after = calendar.add_working_days(row.counted_from, days)
    else:
        after = due_of_step.get((row.step_id, row.due_at), row.due_at)
    if after == row.due_at:
        return None
    return Recounted(row.timer_id, STOP_END, row.element_id, row.step_id, row.due_at, after, rows={STOP_END: after})
