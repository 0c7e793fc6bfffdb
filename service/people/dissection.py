"""麻雀解剖: why cases are overdue, as figures: whose hands each one lay in, and whether they were there. Pure.

Waiting is counted in office time, from the case's beginning to its end or to now. While nobody of the office has a step
in hand, the applicant has; what stands still by law (clock stops) is nobody's. Where several have a step at once, each
has an equal part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from service.people.attendance import SUPERVISING_POSTS
from service.working_time import WorkingCalendar

Hands = Literal["clerk", "leader", "applicant", "supervisor"]
HANDS: tuple[Hands, ...] = ("clerk", "leader", "applicant", "supervisor")
LEADING_POSTS = frozenset({"section", "legal", "hearing_chair", "vice", "head", "town_head"})
# Steps of these posts are waits for somebody outside.
OUTSIDE_POSTS = frozenset({"applicant", "party", "project_unit"})


@dataclass(frozen=True, slots=True)
class InHand:
    """A step that lay with somebody; `people` who had it, or could have taken it from the pool."""

    post: str
    people: tuple[int, ...]
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class OverdueCase:
    """`ends` is now where the case is still open."""

    number: str
    department: str
    item: str | None
    begins: datetime
    ends: datetime
    due_at: datetime | None
    in_hand: tuple[InHand, ...]
    stops: tuple[Stopped, ...] = ()


@dataclass(frozen=True, slots=True)
class Presence:
    """On which days people signed in or acted, and on which they were on leave."""

    online: Collection[tuple[int, date]]
    away: Collection[tuple[int, date]]


@dataclass(frozen=True, slots=True)
class Share:
    """`minutes` of office time; of the working days on which a step waited, those on which nobody who had it was there.

    `days_away`: everybody who had it was on leave.
    """

    hands: Hands
    minutes: int
    days: int = 0
    days_absent: int = 0
    days_away: int = 0


@dataclass(frozen=True, slots=True)
class Dissection:
    """`shares` in the order of HANDS; `main` had the case longest."""

    case: OverdueCase
    shares: tuple[Share, ...]

    @property
    def minutes(self) -> int:
        return sum(share.minutes for share in self.shares)

    @property
    def main(self) -> Hands:
        return max(self.shares, key=lambda share: share.minutes).hands


def hands_of(post: str) -> Hands:
    """In whose hands a step of this post lies."""
    if post in OUTSIDE_POSTS:
        return "applicant"
    if post in SUPERVISING_POSTS:
        return "supervisor"
    return "leader" if post in LEADING_POSTS else "clerk"


def dissect(case: OverdueCase, presence: Presence, calendar: WorkingCalendar) -> Dissection:
    """One case taken apart."""
    minutes: dict[Hands, float] = defaultdict(float)
    for begins, ends in _pieces(case):
        if any(stop.begins <= begins < stop.ends for stop in case.stops):
            continue
        length = calendar.office_time_between(begins, ends) / timedelta(minutes=1)
        holding = [hands_of(one.post) for one in case.in_hand if one.begins <= begins < one.ends] or ["applicant"]
        for hands in holding:
            minutes[hands] += length / len(holding)
    days = {hands: _days(case, hands, presence, calendar) for hands in HANDS}
    return Dissection(case, tuple(Share(hands, round(minutes[hands]), *days[hands]) for hands in HANDS))


def _pieces(case: OverdueCase) -> Iterator[tuple[datetime, datetime]]:
    """The case's time, cut wherever somebody begins or ceases to have it, or the clock stops or goes on."""
    spans: Sequence[InHand | Stopped] = (*case.in_hand, *case.stops)
    cuts = {case.begins, case.ends, *(at for one in spans for at in (one.begins, one.ends))}
    return pairwise(sorted(at for at in cuts if case.begins <= at <= case.ends))


def _days(case: OverdueCase, hands: Hands, presence: Presence, calendar: WorkingCalendar) -> tuple[int, int, int]:
    """(working days on which a step waited with them, of those nobody was there, of those all were on leave)."""
    waited: dict[date, set[int]] = defaultdict(set)
    for one in case.in_hand:
        if hands_of(one.post) == hands and one.people:
            for day in _working_days(one.begins, one.ends, calendar):
                waited[day] |= set(one.people)
    away = {day for day, people in waited.items() if all((person, day) in presence.away for person in people)}
    there = {day for day, people in waited.items() if any((person, day) in presence.online for person in people)}
    return len(waited), len(waited.keys() - there - away), len(away - there)


def _working_days(begins: datetime, ends: datetime, calendar: WorkingCalendar) -> Iterator[date]:
    day, last = calendar.local_date(begins), calendar.local_date(ends)
    while day <= last:
        if calendar.is_workday(day):
            yield day
        day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cause:
    """A department's overdue cases together: how the waiting splits, and in how many cases each had most of it."""

    department: str
    cases: int
    shares: tuple[Share, ...]
    mainly: Mapping[Hands, int]


def causes(found: Iterable[Dissection]) -> list[Cause]:
    """By department, the most cases first."""
    by_place: dict[str, list[Dissection]] = defaultdict(list)
    for one in found:
        by_place[one.case.department].append(one)
    rows = [_cause(department, cases) for department, cases in by_place.items()]
    return sorted(rows, key=lambda row: (-row.cases, row.department))


def _cause(department: str, cases: Sequence[Dissection]) -> Cause:
    shares = tuple(
        Share(
            hands,
            sum(one.shares[index].minutes for one in cases),
            sum(one.shares[index].days for one in cases),
            sum(one.shares[index].days_absent for one in cases),
            sum(one.shares[index].days_away for one in cases),
        )
        for index, hands in enumerate(HANDS)
    )
    return Cause(department, len(cases), shares, {hands: sum(one.main == hands for one in cases) for hands in HANDS})
