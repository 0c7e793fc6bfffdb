"""What a change of the calendar would move, before anybody makes it: open limits with their old and new instants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.database.tables import alarm_threshold, case
from service.definitions.bundle import BundleCache
from service.engine.peeking import read_memory
from service.reads.calendar import Calendars, DayChanges, read_calendars
from service.reads.paging import FIRST_PAGE, Asked, make_cursor
from service.timers.recounting import Recounted, recount, shares_of
from service.timers.touched import cases_touched, due_rows_of

_BATCH = 500
_CASES = (
    select(
        case.c.id,
        case.c.number,
        case.c.department,
        case.c.power_item,
        case.c.definition_id,
        case.c.state,
        alarm_threshold.c.blue_percent,
        alarm_threshold.c.yellow_percent,
    )
    .outerjoin(alarm_threshold, alarm_threshold.c.power_item == case.c.power_item)
    .where(case.c.id.in_(bindparam("ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class MovedLimit:
    """One limit that would move. Both instants are None where it stands still: then what it has left changes."""

    case_number: str
    department: str
    role: str
    step_id: str
    step_zh: str
    step_en: str
    due_at: datetime | None
    new_due_at: datetime | None
    passes_at_once: bool


@dataclass(frozen=True, slots=True)
class CalendarPreview:
    """A page of the moves, in order of the cases, and what they come to in all."""

    items: tuple[MovedLimit, ...]
    total: int
    next: str | None
    cases: int
    later: int
    earlier: int
    standing_still: int
    passes_at_once: int


def preview_calendar(
    connection: Connection, bundles: BundleCache, changes: DayChanges, now: datetime, asked: Asked = FIRST_PAGE
) -> CalendarPreview:
    """Counted as applying the change counts, on the same rows; nothing is written, and nobody is locked out."""
    calendars = read_calendars(connection, changes)
    calendar = calendars.county
    since = datetime.combine(min(changes), time(), tzinfo=calendar.zone)
    until = datetime.combine(max(changes) + timedelta(days=1), time(), tzinfo=calendar.zone)
    return _page(connection, bundles, list(_moves(connection, calendars, since, until, now)), now, asked)


def _moves(
    connection: Connection, calendars: Calendars, since: datetime, until: datetime, now: datetime
) -> Iterator[tuple[Any, Recounted]]:
    """Every move with its case, batch by batch in order of the cases."""
    after = 0
    while ids := cases_touched(connection, since, until, after=after, batch=_BATCH):
        after = ids[-1]
        rows = due_rows_of(connection, ids)
        for one in connection.execute(_CASES, {"ids": ids}):
            memory, shares = read_memory(one.state), shares_of(one.blue_percent, one.yellow_percent)
            for move in recount(rows[one.id], memory, calendars.of(one.department, one.power_item), now, shares):
                if move.moves_due and move.role != "minimum":
                    yield one, move


def _page(
    connection: Connection,
    bundles: BundleCache,
    moves: list[tuple[Any, Recounted]],
    now: datetime,
    asked: Asked,
) -> CalendarPreview:
    first = max((asked.after(int) or [0])[0], 0)
    end = first + asked.limit
    running = [(move.before, move.after) for _, move in moves if move.before and move.after]
    return CalendarPreview(
        items=tuple(_limit(connection, bundles, one, move, now) for one, move in moves[first:end]),
        total=len(moves),
        next=make_cursor([end]) if len(moves) > end else None,
        cases=len({one.id for one, _ in moves}),
        later=sum(before < after for before, after in running),
        earlier=sum(before > after for before, after in running),
        standing_still=len(moves) - len(running),
        passes_at_once=sum(_passes(move, now) for _, move in moves),
    )


def _passes(move: Recounted, now: datetime) -> bool:
    return move.before is not None and move.after is not None and move.after < now <= move.before


def _limit(connection: Connection, bundles: BundleCache, one: Any, move: Recounted, now: datetime) -> MovedLimit:
    step = bundles.get(connection, one.definition_id).model.find(move.step_id)
    zh, en = (step.name_zh, step.name_en) if step is not None else (move.step_id, move.step_id)
    return MovedLimit(
        one.number, one.department, move.role, move.step_id, zh, en, move.before, move.after, _passes(move, now)
    )
