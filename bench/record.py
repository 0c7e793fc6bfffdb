"""What a bench gives: figures with the machine's data and the targets beside them, and the files that keep them."""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for (`at_most`, in `unit`) and what was found; None where it could not be measured here."""

    what: str
    unit: str
    at_most: float
    found: float | None

    @property
    def met(self) -> bool | None:
        return None if self.found is None else self.found <= self.at_most

    def as_json(self) -> Row:
        return {
            "what": self.what,
            "unit": self.unit,
            "at_most": self.at_most,
            "found": None if self.found is None else round(self.found, 3),
            "met": self.met,
        }


@dataclass(frozen=True, slots=True)
class Options:
    """How much to measure. None is the bench's own measure; `database` an empty database of the bench's own."""

    rounds: int | None = None
    seconds: float | None = None
    database: str | None = None


@dataclass
class Findings:
    """Rows of figures, all of one bench; `absent` says what could not be measured, and why."""

    rows: list[Row] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


def result(name: str, findings: Findings, started: Mapping[str, Any]) -> Row:
    """The findings as JSON, with what they were taken on."""
    return {
        "bench": name,
        **started,
        "load_average_after": _load(),
        "pace_ms_after": pace_ms(),
        "options": findings.options,
        "rows": findings.rows,
        "targets": [target.as_json() for target in findings.targets],
        "absent": findings.absent,
    }


def circumstances() -> Row:
    """When and on what the figures are taken; asked for before the bench begins."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"at": at, "machine": machine(), "load_average_before": _load(), "pace_ms_before": pace_ms()}


def pace_ms() -> float:
    """CPU of a small task that is always the same: a machine that others use takes longer for it, as for all else."""
    taken = []
    for _ in range(9):
        begun = time.process_time()
        sum(number * number for number in range(50_000))
        taken.append((time.process_time() - begun) * 1000)
    return round(statistics.median(taken), 2)


def machine() -> Row:
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _load() -> float:
    return round(os.getloadavg()[0], 2)


def save(found: Mapping[str, Any], folder: Path = RESULTS) -> Path:
    """Keep a result as NAME-DATE-MACHINE.json; a second one of the same day takes the place of the first."""
    on = found["machine"]
    place = re.sub(r"[^a-z0-9]+", "-", f"{on['processor']} {on['cores']} cores".lower()).strip("-")
    file = folder / f"{found['bench']}-{found['at'][:10]}-{place}.json"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return file


def newest(folder: Path = RESULTS) -> dict[str, Row]:
    """The newest result of each bench."""
    found: dict[str, Row] = {}
    for file in folder.glob("*.json"):
        each = json.loads(file.read_text())
        if each["bench"] not in found or each["at"] > found[each["bench"]]["at"]:
            found[each["bench"]] = each
    return found


def most(rows: Sequence[Row], column: str, **having: Any) -> float | None:
    """The largest figure of a column among the rows that have these values; None if there is no such row."""
    found = [row[column] for row in rows if all(row.get(key) == value for key, value in having.items())]
    return max(found, default=None)


@contextmanager
def noted(absent: dict[str, str], what: str, *kinds: type[Exception]) -> Iterator[None]:
    """What fails with one of these errors is told as absent, and never as a figure."""
    try:
        yield
    except kinds as problem:
        absent[what] = f"{type(problem).__name__}: {problem}"[:300]
