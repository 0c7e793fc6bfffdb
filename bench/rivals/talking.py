"""How a rival is driven: a line of answers in, one case walked, a line of costs out. Standard library only.

In: {step: answers}, as JSON. Out: [{"act", "cpu_ms", "wall_ms"}], the start first.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

DIAGRAM = Path(__file__).parent / "licence.bpmn"
STEPS = ("apply", "formal_check", "site_survey", "section_review", "decide")
# As the product has them (service.database.session).
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA busy_timeout=10000")


class Walked(Protocol):
    """What a rival can do."""

    def start(self, given: dict[str, Any]) -> int:
        """A new case, its first step done."""

    def complete(self, case_id: int, step: str, given: dict[str, Any]) -> None:
        """The step that is open, done."""


def open_database(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, isolation_level=None)
    for pragma in PRAGMAS:
        database.execute(pragma)
    return database


def talk(rival: Walked) -> None:
    """Until standard input ends."""
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(_walk(rival, json.loads(line))), flush=True)


def _walk(rival: Walked, answers: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    cost, case_id = _measured(lambda: rival.start(answers[STEPS[0]]))
    costs = [{"act": "start a case", **cost}]
    for step in STEPS[1:]:
        cost, _ = _measured(lambda s=step: rival.complete(case_id, s, answers[s]))  # type: ignore[misc]
        costs.append({"act": f"complete {step}", **cost})
    return costs


def _measured(work: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return {"cpu_ms": (time.process_time() - cpu) * 1000, "wall_ms": (time.perf_counter() - wall) * 1000}, found
