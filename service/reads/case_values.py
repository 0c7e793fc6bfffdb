"""The values of a case's names, as its conditions see them, without running its engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection

from service.catalogue.item import PowerItem
from service.catalogue.reading import ItemCache
from service.clock import Clock
from service.definitions.bundle import Bundle, BundleCache
from service.engine.peeking import read_variables
from service.fees.books import read_books
from service.fees.facts import FEE_FACTS, fee_fact, fine_settled
from service.fees.standing import CaseFee
from service.reads.answers import COUNTED, times_answered
from service.reads.calendar import CalendarCache
from service.reads.messages import objection_received

FACTS_OF_FEES = frozenset({*FEE_FACTS, "fine_settled"})
_AMOUNTS = frozenset({"fee_amount", "fee_due"})
_FACTS = FACTS_OF_FEES | _AMOUNTS | frozenset(COUNTED) | {"objection_received"}


class Caches(Protocol):
    """What reads take from the services of the process."""

    @property
    def items(self) -> ItemCache: ...
    @property
    def bundles(self) -> BundleCache: ...
    @property
    def calendars(self) -> CalendarCache: ...
    @property
    def clock(self) -> Clock: ...


def county_today(connection: Connection, caches: Caches) -> date:
    """The day that it is in the county."""
    return caches.calendars.get(connection).local_date(caches.clock.now())


class CaseValues:
    """Looks a name up: the case's variables, then what the diagram derives from them, then facts of the service."""

    def __init__(
        self,
        connection: Connection,
        case_id: int,
        bundle: Bundle,
        item: PowerItem | None,
        state: bytes,
        today: Callable[[], date],
    ) -> None:
        self._today = today
        self._connection = connection
        self._case_id = case_id
        self._bundle = bundle
        self._item = item
        self._facts: dict[str, object] = {}
        self.variables: dict[str, Any] = read_variables(state)

    def __call__(self, name: str) -> object:
        if name in self.variables:
            return self.variables[name]
        derived = self._bundle.model.derived.get(name)
        return derived.evaluate(self) if derived is not None else self._fact(name)

    def _fact(self, name: str) -> object:
        if name not in _FACTS:
            return None
        if name not in self._facts:
            self._facts[name] = self._read_fact(name)
        return self._facts[name]

    def _read_fact(self, name: str) -> object:
        if name == "objection_received":
            return objection_received(self._connection, self._case_id)
        if name in _AMOUNTS:
            return self.fee.asked_fen if name == "fee_amount" else self.fee.due_fen
        if name in COUNTED:
            return times_answered(self._connection, self._case_id, name)
        if name == "fine_settled":
            return fine_settled(read_books(self._connection, self._case_id))
        return fee_fact(lambda: read_books(self._connection, self._case_id), self._item, name, lambda: self.fee.due_fen)

    @cached_property
    def fee(self) -> CaseFee:
        """What the standard in force asks of the case."""
        kept = self._bundle.names | (self._item.names if self._item else frozenset())
        return CaseFee(self._connection, self._case_id, self._item, self, today=self._today, kept=kept)
