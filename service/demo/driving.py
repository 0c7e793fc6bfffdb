"""Takes the acts of many stories in the order of their instants, and all that falls due in between."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from sqlalchemy import bindparam, select

from service.clock import MovedClock
from service.commands.fire_timers import fire_timers
from service.commands.performing import perform
from service.database.rows import read_rows
from service.database.session import reading
from service.database.tables import case, supervision_order
from service.database.types import EPOCH
from service.demo.orders import watch_order
from service.demo.playing import Player
from service.timers.due import cases_due, next_timer_at

_NEW_ORDERS = (
    select(case.c.id, case.c.number)
    .join(supervision_order, supervision_order.c.case_id == case.c.id)
    .where(case.c.id > bindparam("seen"))
    .order_by(case.c.id)
)


class Driver:
    """Takes the stories' acts in order of their instants, with everything that falls due in between."""

    def __init__(self, player: Player, drain: Callable[[datetime], int], clock: MovedClock, seed: int) -> None:
        self.engine, self.services, self.drain, self.clock = player.engine, player.services, drain, clock
        self.player = player
        self._heap: list[tuple[datetime, int, Iterator[datetime]]] = []
        self._order = count()
        self._chance = random.Random(seed)  # noqa: S311 - stories, not secrets
        self._orders_seen = 0

    def add(self, at: datetime, story: Iterator[datetime]) -> None:
        heapq.heappush(self._heap, (at, next(self._order), story))

    def run(self, until: datetime) -> Iterator[datetime]:
        """Run all that happens before `until`, yielding each act's instant."""
        while True:
            at = self._soonest(until)
            self.pass_time(at)
            if self._soonest(until) < at:
                # What fell due on the way has begun a story that acts before.
                continue
            if at >= until:
                return
            _, _, story = heapq.heappop(self._heap)
            self.move(at)
            following = next(story, None)
            self.happened(at)
            if following is not None:
                self.add(max(following, at + timedelta(seconds=1)), story)
            yield at

    def _soonest(self, until: datetime) -> datetime:
        """When a story acts next, or `until`: nothing may be passed over on the way to a later instant."""
        return min(until, self._heap[0][0]) if self._heap else until

    def _bound(self, until: datetime) -> datetime:
        """Until when timers alone may fire."""
        return self._soonest(until)

    def move(self, at: datetime) -> None:
        self.player.now = at
        self.clock.move(at)

    def pass_time(self, until: datetime) -> None:
        """Fire what falls due before `until`, each at its own instant (a timer fires strictly after it)."""
        while (due := self._next_due()) is not None and due < self._bound(until):
            # What was armed for an instant that is over falls due now: no clock runs backwards.
            at = max(due + timedelta(microseconds=1), self.player.now)
            self.move(at)
            for case_id in self._due_cases(at):
                perform(self.engine, partial(fire_timers, services=self.services, case_id=case_id, now=at))
            self.happened(at)

    def happened(self, at: datetime) -> None:
        """Something was done at that instant: send what it has left in the outbox."""
        if self.drain(at):
            self._watch_new_orders(at)

    def watched(self, number: str) -> Iterator[datetime]:
        """How the supervisors deal with a new order."""
        return watch_order(self.player, number, self._chance.random())

    def _next_due(self) -> datetime | None:
        with reading(self.engine) as connection:
            return next_timer_at(connection, EPOCH)

    def _due_cases(self, at: datetime) -> list[int]:
        with reading(self.engine) as connection:
            return cases_due(connection, at, batch=1000)[0]

    def _watch_new_orders(self, at: datetime) -> None:
        with reading(self.engine) as connection:
            rows = read_rows(connection, _NEW_ORDERS, {"seen": self._orders_seen})
        for row in rows:
            self._orders_seen = row.id
            self.add(at + timedelta(minutes=5), self.watched(row.number))
