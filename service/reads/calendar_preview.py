"""What a change of the calendar would move, before anybody makes it: open limits with their old and new instants.

The first page goes through every touched case, to say what the moves come to in all. The pages after it begin at their
own case and end with themselves: what all of them come to is in the cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.database.tables import alarm_threshold, case
from service.definitions.bundle import BundleCache
from service.engine.peeking import read_memory
from service.reads.calendar import Calendars, DayChanges, HoursChange, read_calendars
from service.reads.paging import FIRST_PAGE, Asked, make_cursor
from service.timers.recounting import Recounted, recount, shares_of
from service.timers.touched import cases_touched, due_rows_of
from service.working_time import LAST_YEAR

_BATCH = 500
# A cursor: the case and the place among its moves where the page begins, then the tally.
_KEY = (int,) * 8
_MOST = 2**53
# A move with its place among those of its case.
_Move = tuple[int, Any, Recounted]
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
    .order_by(case.c.id)
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
class Tally:
    """What the moves come to in all, in the order in which a cursor keeps it."""

    total: int = 0
    cases: int = 0
    later: int = 0
    earlier: int = 0
    standing_still: int = 0
    passes_at_once: int = 0

    def then(self, move: Recounted, now: datetime, *, new_case: bool) -> Tally:
        """With one move more."""
        before, after = move.before, move.after
        runs = before is not None and after is not None
        return Tally(
            self.total + 1,
            self.cases + new_case,
            self.later + bool(before and after and before < after),
            self.earlier + bool(before and after and before > after),
            self.standing_still + (not runs),
            self.passes_at_once + _passes(move, now),
        )


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
    return _preview(connection, bundles, _Span(calendars, min(changes), max(changes)), now, asked)


def preview_office_hours(
    connection: Connection, bundles: BundleCache, wanted: HoursChange, now: datetime, asked: Asked = FIRST_PAGE
) -> CalendarPreview:
    """The same of hours of the county or of a window from a day on."""
    calendars = read_calendars(connection, wanted=wanted)
    span = _Span(calendars, wanted.effective_on, date(LAST_YEAR, 12, 31))
    return _preview(connection, bundles, span, now, asked)


@dataclass(frozen=True, slots=True)
class _Span:
    """The calendars as they would be, and the days on which they differ from those that hold."""

    calendars: Calendars
    first: date
    last: date

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), tzinfo=self.calendars.county.zone)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=self.calendars.county.zone)


def _preview(connection: Connection, bundles: BundleCache, span: _Span, now: datetime, asked: Asked) -> CalendarPreview:
    place = asked.after(*_KEY)
    if place is None:
        return _first_page(connection, bundles, _numbered(_moves(connection, span, now, 0)), now, asked)
    number, skipped, *told = (min(max(part, 0), _MOST) for part in place)
    moves = _numbered(_moves(connection, span, now, max(number - 1, 0)))
    left = ((at, one, move) for at, one, move in moves if (one.id, at) >= (number, skipped))
    shown = list(islice(left, asked.limit + 1))
    return _page(connection, bundles, shown, Tally(*told), now, asked)


def _moves(connection: Connection, span: _Span, now: datetime, after: int) -> Iterator[tuple[Any, Recounted]]:
    """Every move with its case, batch by batch in order of the cases, of those with an id above `after`."""
    calendars = span.calendars
    while ids := cases_touched(connection, span.since, span.until, after=after, batch=_BATCH):
        after = ids[-1]
        rows = due_rows_of(connection, ids)
        for one in connection.execute(_CASES, {"ids": ids}):
            memory, shares = read_memory(one.state), shares_of(one.blue_percent, one.yellow_percent)
            for move in recount(rows[one.id], memory, calendars.of(one.department, one.power_item), now, shares):
                if move.moves_due and move.role != "minimum":
                    yield one, move


def _numbered(moves: Iterable[tuple[Any, Recounted]]) -> Iterator[_Move]:
    """With the place of each move among those of its case."""
    for _, of_case in groupby(moves, key=lambda one: one[0].id):
        for at, (one, move) in enumerate(of_case):
            yield at, one, move


def _first_page(
    connection: Connection, bundles: BundleCache, moves: Iterable[_Move], now: datetime, asked: Asked
) -> CalendarPreview:
    shown: list[_Move] = []
    tally, last = Tally(), 0
    for at, one, move in moves:
        tally = tally.then(move, now, new_case=one.id != last)
        last = one.id
        if len(shown) <= asked.limit:
            shown.append((at, one, move))
    return _page(connection, bundles, shown, tally, now, asked)


def _page(
    connection: Connection, bundles: BundleCache, shown: Sequence[_Move], tally: Tally, now: datetime, asked: Asked
) -> CalendarPreview:
    """`shown` holds one move more than the page where there is another page."""
    following = None
    if len(shown) > asked.limit:
        at, one, _ = shown[-1]
        following = make_cursor([one.id, at, *astuple(tally)])
    items = tuple(_limit(connection, bundles, one, move, now) for _, one, move in shown[: asked.limit])
    return CalendarPreview(items, next=following, **asdict(tally))


def _passes(move: Recounted, now: datetime) -> bool:
    return move.before is not None and move.after is not None and move.after < now <= move.before


def _limit(connection: Connection, bundles: BundleCache, one: Any, move: Recounted, now: datetime) -> MovedLimit:
    step = bundles.get(connection, one.definition_id).model.find(move.step_id)
    zh, en = (step.name_zh, step.name_en) if step is not None else (move.step_id, move.step_id)
    return MovedLimit(
        one.number, one.department, move.role, move.step_id, zh, en, move.before, move.after, _passes(move, now)
    )
