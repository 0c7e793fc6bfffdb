"""What a pass sees of the alarms that were raised after an order was answered."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from service.database.rows import read_rows
from service.database.tables import alarm
from supervision.collecting_papers import OVERLAP
from supervision.raising import MOST_ROWS

# An order that was answered longer ago is closed, or its own rung has long since told of it.
RAISED_OF = timedelta(days=90)
_RAISED = (
    select(*(alarm.c[name] for name in ("id", "rule", "department", "person_id", "case_id", "element_id")))
    .add_columns(*(alarm.c[name] for name in ("raised_at", "summary_zh", "summary_en")))
    .where(alarm.c.id > bindparam("after"), alarm.c.raised_at >= bindparam("since"))
    .order_by(alarm.c.id)
)


class _Raised(NamedTuple):
    """An alarm, and the row that orders show of it."""

    id: int
    raised_at: datetime
    keys: tuple[_Key, ...]
    shown: Mapping[str, Any]


_Key = tuple[Any, ...]


class Alarms:
    """The alarms of the last months, from the looks before: a look reads those that were raised since."""

    def __init__(self) -> None:
        self._known: dict[int, _Raised] = {}
        self._by_key: dict[_Key, list[_Raised]] = defaultdict(list)
        # No alarm with so small a number can come any more.
        self._settled = 0
        self._day: datetime | None = None

    def go_on(self, connection: Connection, now: datetime) -> None:
        """Take in what was raised since the last look; forget what is too old."""
        oldest = now - RAISED_OF
        if self._day is not None and now.date() != self._day.date():
            self._forget(oldest)
        self._day = now
        rows = read_rows(connection, _RAISED, {"after": self._settled, "since": oldest})
        for row in rows:
            if row.id not in self._known:
                self._take_in(row)
        self._settled = max((row.id for row in rows if row.raised_at < now - OVERLAP), default=self._settled)

    def after(self, about: Sequence[Any]) -> dict[int, list[Mapping[str, Any]]]:
        """By order, what was raised after its answer of the same rule and person, or of the same step of a case.

        Rows of `about` are what the alarms of answered orders are about. Of persons the first that an alarm shows rows
        of: that it came so often is enough.
        """
        found: dict[int, dict[int, Mapping[str, Any]]] = defaultdict(dict)
        for one in about:
            if one.person_id is not None:
                again = islice(self._later(_of_person(one), one.answered_at), MOST_ROWS)
                found[one.order_case_id] |= {row.id: row.shown for row in again}
        for one in about:
            if one.case_id is not None and one.element_id is not None:
                same = self._later(_of_step(one), one.answered_at)
                found[one.order_case_id] |= {row.id: {**row.shown, "same_step": True} for row in same}
        return {order: [again[key] for key in sorted(again)] for order, again in found.items()}

    def _later(self, key: _Key, answered_at: datetime) -> Iterable[_Raised]:
        return (row for row in self._by_key.get(key, ()) if row.raised_at > answered_at)

    def _take_in(self, row: Any) -> None:
        keys = []
        if row.person_id is not None:
            keys.append(_of_person(row))
        if row.case_id is not None and row.element_id is not None:
            keys.append(_of_step(row))
        shown = {"at": row.raised_at.isoformat(), "alarm": row.id, "zh": row.summary_zh, "en": row.summary_en}
        raised = _Raised(row.id, row.raised_at, tuple(keys), {**shown, "same_step": False})
        self._known[row.id] = raised
        for key in keys:
            insort(self._by_key[key], raised, key=lambda one: one.id)

    def _forget(self, oldest: datetime) -> None:
        for one in [one for one in self._known.values() if one.raised_at < oldest]:
            del self._known[one.id]
            for key in one.keys:
                self._by_key[key].remove(one)


def _of_person(row: Any) -> _Key:
    return "person", row.person_id, row.rule, row.department


def _of_step(row: Any) -> _Key:
    return "step", row.case_id, row.element_id, row.rule, row.department
