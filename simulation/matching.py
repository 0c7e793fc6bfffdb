"""Which alarm tells of which planted deed. Pure; it knows alarms as anybody reads them, and no rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulation.truth import Deed

# An alarm about what was done then comes within it, or it is about something else.
LATEST = timedelta(days=45)
# What one person did on a day is told of that day.
ONE_DAY = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm: its kind, when it was raised, and whom and what it names."""

    id: int
    kind: str
    rule: str
    colour: str
    raised_at: datetime
    person: int | None
    department: str
    cases: frozenset[str]
    receipts: frozenset[str]
    items: frozenset[str]


def tells_of(told: Told, deed: Deed) -> bool:
    """Whether the alarm is about the deed: a case or a receipt of it, or its person at that time."""
    if deed.begun_at is None or deed.done_at is None:
        return False
    if not deed.begun_at - timedelta(minutes=1) <= told.raised_at <= deed.done_at + LATEST:
        return False
    if told.cases & set(deed.cases) or told.receipts & set(deed.receipts) or told.items & set(deed.items):
        return True
    if told.person is None or told.person not in deed.persons:
        return False
    return deed.lasting or told.raised_at <= deed.done_at + ONE_DAY


class Index:
    """Deeds by the cases, receipts, items and persons that they are about."""

    def __init__(self, deeds: Iterable[Deed]) -> None:
        self._by: dict[tuple[str, str], list[Deed]] = defaultdict(list)
        for deed in deeds:
            for key in _keys(deed.cases, deed.receipts, deed.items, deed.persons):
                self._by[key].append(deed)

    def of(self, told: Told) -> list[Deed]:
        """The deeds that the alarm tells of."""
        persons = [told.person] if told.person is not None else []
        found: dict[int, Deed] = {}
        for key in _keys(told.cases, told.receipts, told.items, persons):
            found |= {id(deed): deed for deed in self._by.get(key, ()) if tells_of(told, deed)}
        return list(found.values())


def _keys(
    cases: Iterable[str], receipts: Iterable[str], items: Iterable[str], persons: Sequence[int]
) -> list[tuple[str, str]]:
    return [
        *(("case", one) for one in cases),
        *(("receipt", one) for one in receipts),
        *(("item", one) for one in items),
        *(("person", str(one)) for one in persons),
    ]
