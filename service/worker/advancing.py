"""The testing clock's own worker: time moves to an instant, and all that falls due on the way happens in its order."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from service.clock import MovedClock
from service.commands.services import Services
from service.database.session import reading
from service.notices.outbox import Senders, drain, next_message_at
from service.timers.due import next_timer_at
from service.worker.passing import run_passes
from service.worker.sweeping import MOST_ROUNDS, sweep

# A timer fires strictly after its instant (docs/architecture.md).
_JUST_AFTER = timedelta(microseconds=1)


class SteppingWorker:
    """Takes the place of the worker under `--testing`, where time is the tests' own and lives in one process."""

    def __init__(self, engine: Engine, services: Services, senders: Senders[Services], clock: MovedClock) -> None:
        self._engine = engine
        self._services = services
        self._senders = senders
        self._clock = clock
        self._lock = threading.Lock()

    def look(self) -> None:
        """Fire and send what is due now."""
        with self._lock:
            self._look()

    def move_to(self, instant: datetime) -> None:
        """Move the clock, forwards from due instant to due instant, backwards at once; then look."""
        with self._lock:
            self._look()
            while (due := self._next_due()) is not None and due < instant:
                self._clock.move(due)
                self._look()
            self._clock.move(instant)
            self._look()
            if run_passes(self._engine, self._services, instant):
                self._look()

    def _look(self) -> None:
        now = self._clock.now()
        for _ in range(MOST_ROUNDS):
            fired = sweep(self._engine, self._services, now)
            if not drain(self._engine, self._services, self._senders, now) + fired:
                break

    def _next_due(self) -> datetime | None:
        now = self._clock.now()
        with reading(self._engine) as connection:
            timer = next_timer_at(connection, now)
            message = next_message_at(connection, list(self._senders), now)
        instants: list[Any] = [timer + _JUST_AFTER if timer else None, message]
        return min((each for each in instants if each is not None), default=None)
