"""How long a step took in earlier cases: of the item, and of the other items of its category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, literal, select, union_all

from service.database.tables import case, power_item, user_task

# Samples of a step's history; more would not move its median.
SAMPLES = 200
# Of its own, from which on a step is not compared with its peers.
ENOUGH = 30
# SQLite joins at most 500 queries by UNION.
_TOGETHER = 100
Durations = Mapping[tuple[str, str], tuple[float, ...]]
_CATEGORIES = select(power_item.c.code, power_item.c.category).where(power_item.c.current.is_(True))


class Histories:
    """Durations of steps that were completed before `until`, the last cases first; one statement for many steps."""

    def __init__(self, connection: Connection, until: datetime) -> None:
        self._connection = connection
        self._until = until

    def of_items(self, keys: Collection[tuple[str, str]]) -> Durations:
        """By (item, step)."""
        return self._read([(key, case.c.power_item == key[0]) for key in sorted(keys)])

    def of_peers(self, keys: Collection[tuple[str, str, str]]) -> Durations:
        """By (item, step), what the other items of the category took; keys are (category, item, step)."""
        if not keys:
            return {}
        items: dict[str, set[str]] = defaultdict(set)
        for row in self._connection.execute(_CATEGORIES):
            items[row.category].add(row.code)
        asked = [
            ((item, step), case.c.power_item.in_(sorted(items[category] - {item})))
            for category, item, step in sorted(keys)
            if items[category] - {item}
        ]
        return self._read(asked)

    def _read(self, asked: Sequence[tuple[tuple[str, str], ColumnElement[bool]]]) -> Durations:
        found: dict[tuple[str, str], list[float]] = defaultdict(list)
        for begin in range(0, len(asked), _TOGETHER):
            together = asked[begin : begin + _TOGETHER]
            parts = [self._part(number, key[1], whose) for number, (key, whose) in enumerate(together)]
            for row in self._connection.execute(union_all(*parts)):
                key = together[row.number][0]
                found[key].append((row.completed_at - row.entered_at).total_seconds())
        return {key: tuple(durations) for key, durations in found.items()}

    def _part(self, number: int, step: str, whose: ColumnElement[bool]) -> Select[Any]:
        """Walks down the item's index until it has enough."""
        last = (
            select(literal(number).label("number"), user_task.c.entered_at, user_task.c.completed_at)
            .join(case, case.c.id == user_task.c.case_id)
            .where(whose, user_task.c.element_id == step)
            .where(user_task.c.status == "completed", user_task.c.completed_at < self._until)
            .order_by(case.c.id.desc())
            .limit(SAMPLES)
            .subquery()
        )
        return select(*last.c)


def few(keys: Iterable[tuple[str, str]], own: Durations) -> set[tuple[str, str]]:
    """The steps that have too little history of their own."""
    return {key for key in keys if len(own.get(key, ())) < ENOUGH}
