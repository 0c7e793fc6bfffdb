"""What the passes of one process remember from look to look, so that a look costs what is new and not what is known.

Whatever is remembered can be read anew: a process that has just begun, or another worker, finds the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, Engine

from supervision.collecting_acts import Acts
from supervision.collecting_alarms import Alarms
from supervision.collecting_endings import Endings
from supervision.collecting_history import Samples
from supervision.collecting_numbers import Numbers
from supervision.collecting_orders import Orders
from supervision.collecting_steps import Steps
from supervision.rules.rule import Choice


@dataclass(slots=True)
class Memory:
    """Of one database, up to the last look."""

    samples: Samples = field(default_factory=Samples)
    numbers: Numbers = field(default_factory=Numbers)
    steps: Steps = field(default_factory=Steps)
    acts: Acts = field(default_factory=Acts)
    alarms: Alarms = field(default_factory=Alarms)
    endings: Endings = field(default_factory=Endings)
    orders: Orders = field(default_factory=Orders)
    _chosen: tuple[Choice, ...] | None = None
    _of: Engine | None = None
    _looked_at: datetime | None = None

    def begin(self, connection: Connection, now: datetime, *, whole: bool) -> Self:
        """For a look. A clock that was put back, or another database, begins anew; so do endings and orders with a
        `whole` look."""
        back = self._looked_at is not None and now < self._looked_at
        if back or self._of is not connection.engine:
            self.samples, self.numbers, self.steps = Samples(), Numbers(), Steps()
            self.acts, self.alarms, whole = Acts(), Alarms(), True
        if whole:
            self.endings, self.orders = Endings(), Orders()
        self._of, self._looked_at = connection.engine, now
        return self

    def chooses_anew(self, chosen: tuple[Choice, ...]) -> bool:
        """Whether the county has chosen otherwise since the last look: then all that stands is looked at by it."""
        before, self._chosen = self._chosen, chosen
        return before is not None and before != chosen
