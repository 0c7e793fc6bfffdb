"""Runs a county: founds it in a folder of its own, plants, lets the year pass, and writes the truth beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from service.cli.program import Built
from service.cli.stand_ins import stand_ins
from service.clock import Clock, MovedClock
from service.database.session import create_database_engine, transaction
from service.database.upgrading import upgrade
from service.demo.county import found_county
from service.demo.driving import Driver
from service.garbage import collect_rarely
from service.settings import Settings, read_settings
from service.worker.passing import run_passes
from simulation.arrivals import AFTERWARDS, ITEMS, Arrivals
from simulation.hands import Hands
from simulation.planting.calendar import plant
from simulation.planting.plot import Plot, Published
from simulation.staffing import desks_needed, staff
from simulation.supervisors import watch_order
from simulation.tray import messages_in_memory
from simulation.truth import write_truth

# A year that lies wholly within the calendar's notices.
FIRST_DAY = date(2025, 1, 2)
# The worker looks every minute. What it would find after minutes without any act it finds after so long at the latest.
QUIET = timedelta(hours=12)
RUN = "run.json"
Build = Callable[[Settings, Clock], Built]
Progress = Callable[[int, int], None]


def folder_of(data: Path, seed: int, *, adaptive: bool) -> Path:
    return data / (f"seed-{seed}-adaptive" if adaptive else f"seed-{seed}")


@dataclass(frozen=True, slots=True)
class County:
    """What is simulated. `look`: how soon after an act supervision looks; the product's worker does within a minute."""

    seed: int
    cases: int = 1000
    days: int = 365
    adaptive: bool = False
    look: timedelta = timedelta(minutes=1)


def simulate(build: Build, data: Path, county: County, progress: Progress | None = None) -> dict[str, Any]:
    """Let the county live; what was done in it. The folder must not hold a county yet (FileExistsError)."""
    folder = folder_of(data, county.seed, adaptive=county.adaptive)
    if folder.exists():
        raise FileExistsError(folder)
    folder.mkdir(parents=True)
    began = time.process_time()
    settings = read_settings({}, data=folder)
    upgrade(settings.database_url)
    first = datetime.combine(FIRST_DAY, datetime.min.time(), UTC)
    clock = MovedClock(first)
    with stand_ins(settings, clock) as past:
        built = build(past, clock)
        quick = create_database_engine(past.database_url, durable=False)
        built = replace(built, engine=quick, senders={**built.senders, **messages_in_memory(past, clock)})
        with transaction(built.engine) as connection:
            founded = first - timedelta(days=30)
            found_county(connection, built.services, founded)
            desks = desks_needed(ITEMS, county.cases, county.days)
            staff(connection, desks, founded)
        collect_rarely()
        hands = Hands(built.engine, built.services, county.seed)
        plot = Plot(
            hands,
            Arrivals(hands, FIRST_DAY, county.days, desks),
            Published(built.services),
            county.adaptive,
            county.cases,
        )
        plant(plot, county.cases)
        until = first + timedelta(days=county.days + AFTERWARDS)
        year = Year(hands, built, clock, county, plot)
        acts = 0
        for at in year.run(until):
            acts += 1
            if progress is not None:
                progress(int((at - first).days * county.cases / county.days), county.cases)
        built.engine.dispose()
    write_truth(folder, plot.truth, until)
    told = {**asdict(county), "look": county.look / timedelta(minutes=1), "cases": plot.courses, "moves": acts}
    told["cpu_seconds"] = round(time.process_time() - began, 1)
    (folder / RUN).write_text(json.dumps(told) + "\n")
    return told


class Year(Driver):
    """Beside acts and timers: supervision looks within a minute after anything was done, and on quiet days twice."""

    player: Hands

    def __init__(self, hands: Hands, built: Built, clock: MovedClock, county: County, plot: Plot) -> None:
        super().__init__(hands, built.drain, clock, county.seed)
        self._built = built
        self._plot = plot
        self._look = county.look
        self._look_at = hands.now + QUIET
        for at, story in plot.happenings:
            self.add(at, story)
        plot.later = self.add

    def pass_time(self, until: datetime) -> None:
        """Looks and timers before `until`, in their order; up to a story that one of them has begun."""
        while True:
            at = min(self._look_at, self._soonest(until))
            super().pass_time(at)
            if min(self._look_at, self._soonest(until)) < at:
                continue
            if self._look_at > at:
                return
            self.move(at)
            self._look_at = at + QUIET
            if run_passes(self.engine, self.services, at):
                super().happened(at)

    def _bound(self, until: datetime) -> datetime:
        return min(super()._bound(until), self._look_at)

    def happened(self, at: datetime) -> None:
        super().happened(at)
        self._look_at = min(self._look_at, at + self._look)

    def watched(self, number: str) -> Iterator[datetime]:
        return watch_order(self.player, number, self._plot)
