"""How long a step took in earlier cases: of the item, and of the other items of its category."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, literal, literal_column, select, union_all

from service.database.in_text import in_text
from service.database.rows import read_rows
from service.database.tables import case, power_item, user_task

# Samples of a step's history; more would not move its median.
SAMPLES = 200
# Of its own, from which on a step is not compared with its peers.
ENOUGH = 30
# SQLite joins at most 500 queries by UNION.
_TOGETHER = 100
# Cases of one of these items, and the step.
Of = tuple[tuple[str, ...], str]
Durations = Mapping[tuple[str, str], tuple[float, ...]]
_CATEGORIES = select(power_item.c.code, power_item.c.category).where(power_item.c.current.is_(True))
_COMPLETED = (
    select(case.c.power_item, user_task.c.element_id, user_task.c.case_id)
    .add_columns(user_task.c.entered_at, user_task.c.completed_at)
    .join(case, case.c.id == user_task.c.case_id)
    # No index by status, which SQLite would take: most tasks there ever were are completed.
    .where(user_task.c.status.concat(literal_column("''")) == in_text("completed"))
    .where(user_task.c.completed_at >= bindparam("since"), user_task.c.completed_at < bindparam("until"))
)


class Samples:
    """What is known of steps from the looks before: a look reads of each what was completed since, and not all again.

    Only steps that were asked for are kept, each with its last samples.
    """

    def __init__(self) -> None:
        self._kept: dict[Of, list[tuple[int, float]]] = {}
        self._told: dict[Of, tuple[float, ...]] = {}
        self._by_step: dict[str, list[Of]] = defaultdict(list)
        self._until: datetime | None = None

    def of(self, connection: Connection, asked: Collection[Of], until: datetime) -> Mapping[Of, tuple[float, ...]]:
        """Of each the durations before `until`."""
        self._go_on(connection, until)
        unknown = sorted(set(asked) - self._kept.keys())
        for begin in range(0, len(unknown), _TOGETHER):
            self._read(connection, unknown[begin : begin + _TOGETHER], until)
        return {one: self._durations(one) for one in asked}

    def _durations(self, one: Of) -> tuple[float, ...]:
        if one not in self._told:
            self._told[one] = tuple(seconds for _, seconds in self._kept[one])
        return self._told[one]

    def _go_on(self, connection: Connection, until: datetime) -> None:
        since, self._until = self._until, until
        if since is None or not self._kept:
            return
        for row in read_rows(connection, _COMPLETED, {"since": since, "until": until}):
            for one in self._by_step.get(row.element_id, ()):
                if row.power_item in one[0]:
                    self._add(one, row)

    def _add(self, one: Of, row: Any) -> None:
        kept = self._kept[one]
        # The last cases first.
        insort(kept, (row.case_id, (row.completed_at - row.entered_at).total_seconds()), key=lambda own: -own[0])
        del kept[SAMPLES:]
        self._told.pop(one, None)

    def _read(self, connection: Connection, unknown: Sequence[Of], until: datetime) -> None:
        for one in unknown:
            self._kept[one] = []
            self._by_step[one[1]].append(one)
        parts = [_part(number, one, until) for number, one in enumerate(unknown)]
        for row in connection.execute(union_all(*parts)):
            seconds = (row.completed_at - row.entered_at).total_seconds()
            self._kept[unknown[row.number]].append((row.case_id, seconds))
        for one in unknown:
            self._kept[one].sort(key=lambda own: -own[0])


class Histories:
    """Durations of steps that were completed before `until`, the last cases first."""

    def __init__(self, connection: Connection, until: datetime, samples: Samples) -> None:
        self._connection = connection
        self._until = until
        self._samples = samples

    def of_items(self, keys: Collection[tuple[str, str]]) -> Durations:
        """By (item, step)."""
        return self._read({key: ((key[0],), key[1]) for key in keys})

    def of_peers(self, keys: Collection[tuple[str, str, str]]) -> Durations:
        """By (item, step), what the other items of the category took; keys are (category, item, step)."""
        if not keys:
            return {}
        items: dict[str, set[str]] = defaultdict(set)
        for row in read_rows(self._connection, _CATEGORIES):
            items[row.category].add(row.code)
        others = {(item, step): tuple(sorted(items[category] - {item})) for category, item, step in keys}
        return self._read({key: (whose, key[1]) for key, whose in others.items() if whose})

    def _read(self, asked: Mapping[tuple[str, str], Of]) -> Durations:
        found = self._samples.of(self._connection, set(asked.values()), self._until)
        return {key: durations for key, of in asked.items() if (durations := found[of])}


def _part(number: int, of: Of, until: datetime) -> Select[Any]:
    """Walks down the items' index until it has enough."""
    last = (
        select(literal(number).label("number"), user_task.c.case_id)
        .add_columns(user_task.c.entered_at, user_task.c.completed_at)
        .join(case, case.c.id == user_task.c.case_id)
        .where(case.c.power_item.in_(of[0]), user_task.c.element_id == of[1])
        .where(user_task.c.status == "completed", user_task.c.completed_at < until)
        .order_by(case.c.id.desc())
        .limit(SAMPLES)
        .subquery()
    )
    return select(*last.c)


def few(keys: Iterable[tuple[str, str]], own: Durations) -> set[tuple[str, str]]:
    """The steps that have too little history of their own."""
    return {key for key in keys if len(own.get(key, ())) < ENOUGH}
