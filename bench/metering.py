"""Counting what acts cost: CPU of this process, time, statements, commits; medians and percentiles of many."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event

from service.database.session import transaction

T = TypeVar("T")
Cost = dict[str, float]


class Meter:
    """Counts what the driver is asked; begin and commit are no statements."""

    def __init__(self, engine: Engine) -> None:
        self.statements = self.commits = 0
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)

    def _statement(self, *given: Any) -> None:
        self.statements += not given[2].startswith("BEGIN")

    def _commit(self, _connection: Connection) -> None:
        self.commits += 1

    def measure(self, work: Callable[[], T]) -> tuple[Cost, T]:
        self.statements = self.commits = 0
        cpu, wall = time.process_time(), time.perf_counter()
        found = work()
        cost = {"cpu_ms": (time.process_time() - cpu) * 1000, "wall_ms": (time.perf_counter() - wall) * 1000}
        return {**cost, "statements": self.statements, "commits": self.commits}, found

    def measure_act(self, engine: Engine, act: Callable[[Connection], T]) -> tuple[Cost, T]:
        """An act in a transaction of its own, its commit included."""

        def work() -> T:
            with transaction(engine) as connection:
                return act(connection)

        return self.measure(work)


class Costs:
    """Costs by name of the act, in the order in which they were paid."""

    def __init__(self) -> None:
        self.paid: dict[str, list[Cost]] = {}

    def add(self, act: str, cost: Cost) -> None:
        self.paid.setdefault(act, []).append(cost)

    def medians(self) -> dict[str, Cost]:
        """The first tenth of each is left out: caches fill, statements are compiled."""
        return {act: medians(rows[len(rows) // 10 :]) for act, rows in self.paid.items()}


def medians(rows: Sequence[Cost]) -> Cost:
    return {name: round(statistics.median(row[name] for row in rows), 3) for name in rows[0]}


def quietest(passes: Sequence[Mapping[str, Cost]]) -> dict[str, Cost]:
    """Of each act the medians of the pass in which it took least CPU: others use the machine by turns."""
    return {act: min((found[act] for found in passes), key=lambda cost: cost["cpu_ms"]) for act in passes[0]}


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; `share` between 0 and 1. 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def latencies(seconds: Sequence[float]) -> Cost:
    """Median, 95th and 99th percentile in milliseconds."""
    return {f"p{int(p * 100)}_ms": round(percentile(seconds, p) * 1000, 1) for p in (0.5, 0.95, 0.99)}


def cpu_seconds(*processes: int) -> float:
    """CPU that these processes have used so far, their threads included; 0 for one that is gone."""
    return sum(_cpu_of(process) for process in processes)


def _cpu_of(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb() -> float:
    """Memory of this process that lies in RAM, in millions of bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_mb() -> float:
    """The most memory of this process that has ever lain in RAM, in millions of bytes.

    `getrusage` would count what the process that started it had: Linux keeps that through an exec.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
