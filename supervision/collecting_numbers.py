"""What a pass sees of the numbers of certificates and documents: where a series of them misses some."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from service.commands.services import Services
from service.commands.spot_fines import TICKET
from service.database.in_text import in_text
from service.database.rows import read_rows
from service.database.tables import case, document
from supervision.collecting_papers import OF_CASE, OVERLAP, case_ref
from supervision.facts import NumberGap, NumberSeen
from supervision.number_series import series_and_place

# This year's numbers and the last one's.
NUMBERS_OF = timedelta(days=400)
_NUMBERED: Select[Any] = (
    select(document.c.id, document.c.number.label("own_number"), document.c.made_at, document.c.case_id)
    .add_columns(*OF_CASE, document.c.kind)
    .join(case, case.c.id == document.c.case_id)
    .where(document.c.number.is_not(None))
    # Of a ticket's numbers its book tells (service.reads.tickets): those that are void are no gap.
    .where(document.c.kind != in_text(TICKET))
)
_SINCE = _NUMBERED.where(document.c.made_at >= bindparam("since"))
_THESE = _NUMBERED.where(document.c.id.in_(bindparam("ids", expanding=True)))
# A department and a series of it; the numbers are (place, document, instant).
_Series = tuple[str, str]
_Number = tuple[int, int, datetime]


class Numbers:
    """The places of all numbers, from the looks before: a look reads those that were given out since.

    A document's number never changes.
    """

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._known: set[int] = set()
        self._series: dict[_Series, list[_Number]] = defaultdict(list)
        self._pairs: dict[_Series, list[tuple[int, int]]] = {}
        self._ends: dict[int, NumberSeen] = {}

    def gaps(self, connection: Connection, services: Services, now: datetime) -> tuple[NumberGap, ...]:
        """Neighbours in their series between which numbers are missing."""
        oldest, until = now - NUMBERS_OF, self._until
        if until is not None and now.date() != until.date():
            self._forget(oldest)
        self._until = now
        grown = self._take_in(connection, services, oldest if until is None else until - OVERLAP)
        for series in grown:
            self._pairs[series] = [
                (before[1], after[1]) for before, after in pairwise(self._series[series]) if after[0] - before[0] > 1
            ]
        return self._shown(connection, services)

    def _take_in(self, connection: Connection, services: Services, since: datetime) -> set[_Series]:
        """What was numbered since then; the series that have grown."""
        grown: dict[_Series, list[_Number]] = defaultdict(list)
        for row in read_rows(connection, _SINCE, {"since": since}):
            if row.id not in self._known and (place := _place(connection, services, row)) is not None:
                self._known.add(row.id)
                grown[row.department, place[0]].append((place[1], row.id, row.made_at))
        for series, fresh in grown.items():
            held = self._series[series]
            if len(fresh) > len(held):
                held += fresh
                held.sort()
            else:
                for one in fresh:
                    insort(held, one)
        return set(grown)

    def _forget(self, oldest: datetime) -> None:
        for series, held in self._series.items():
            if any(one[2] < oldest for one in held):
                self._known -= {one[1] for one in held if one[2] < oldest}
                self._series[series] = held = [one for one in held if one[2] >= oldest]
                self._pairs[series] = [(a[1], b[1]) for a, b in pairwise(held) if b[0] - a[0] > 1]

    def _shown(self, connection: Connection, services: Services) -> tuple[NumberGap, ...]:
        pairs = [pair for series in self._series for pair in self._pairs.get(series, ())]
        ends = {one for pair in pairs for one in pair}
        self._ends = {one: seen for one, seen in self._ends.items() if one in ends}
        unread = sorted(ends - self._ends.keys())
        if unread:
            self._ends |= {one.document_id: one for one in _seen(connection, services, unread)}
        return tuple(NumberGap(self._ends[before], self._ends[after]) for before, after in pairs)


def _seen(connection: Connection, services: Services, ids: list[int]) -> Iterable[NumberSeen]:
    for row in connection.execute(_THESE, {"ids": ids}):
        place = _place(connection, services, row)
        if place is not None:
            known = case_ref(connection, services, row)
            yield NumberSeen(row.id, known, row.own_number, place[0], place[1], row.made_at)


def _place(connection: Connection, services: Services, row: Any) -> tuple[str, int] | None:
    """Its series and its place there."""
    place = series_and_place(row.own_number, _pattern(connection, services, row))
    return (f"{row.kind}/{place[0]}", place[1]) if place is not None else None


def _pattern(connection: Connection, services: Services, row: Row[Any]) -> str | None:
    """How the item numbers documents of this kind; None where the county's own way holds."""
    if row.power_item is None or row.item_version is None:
        return None
    rule = services.items.get(connection, row.power_item, row.item_version).document(row.kind)
    return rule.number_pattern if rule is not None else None
