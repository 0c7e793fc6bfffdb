"""Compare: the product's steps beside other engines' and the database's own commit, a case of each in turn."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench import environment
from bench.bureau import Bureau, bureau
from bench.metering import Cost, Costs, Meter, percentile
from bench.record import Findings, Options, Row, Target, noted
from bench.rivals.talking import STEPS, open_database
from bench.steps import one_case

ROUNDS = 60
OURS = "Mingjing"
FLOOR = "SQLite alone"
# What each does in a step: they are not the same, and ours does the most.
DOES = {
    OURS: "forms, rules, timers, history, materials, outbox",
    "SpiffWorkflow, our diagram": "the same diagram with its timers, the library's JSON",
    "SpiffWorkflow, bare steps": "five steps in a row, the library's JSON",
    "Viewflow": "five steps in a row, Django's models",
    "bpmn-engine": "five steps in a row, state as JSON",
    FLOOR: "one row of 2.5 KB changed and committed",
}
Walk = Callable[[int], list[Row]]


def measure(options: Options) -> Findings:
    """Medians and quartiles of each step; what cannot be installed here is absent."""
    rounds = options.rounds or ROUNDS
    found = Findings(options={"cases": rounds})
    with ExitStack() as stack:
        office = stack.enter_context(bureau())
        walks: dict[str, Walk] = {OURS: ours(office), FLOOR: floor(office.folder)}
        for name, command in rivals(office.folder, found.absent):
            with noted(found.absent, name, RuntimeError, OSError, json.JSONDecodeError):
                walks[name] = stack.enter_context(talked_to(command, office))
        costs: dict[str, Costs] = {name: Costs() for name in DOES if name in walks}
        for number in range(rounds):
            for name, paid in costs.items():
                for cost in walks[name](number):
                    paid.add(cost.pop("act"), cost)
    found.rows = [row for name, paid in costs.items() for row in _rows(name, paid)]
    found.targets = list(_targets(found.rows))
    return found


def ours(office: Bureau) -> Walk:
    meter = Meter(office.engine)

    def walk(number: int) -> list[Row]:
        paid = Costs()
        one_case(office, meter, paid, number)
        return [{"act": act, **_times(rows[0])} for act, rows in paid.paid.items() if not act.startswith("sign")]

    return walk


def _times(cost: Cost) -> Cost:
    return {name: cost[name] for name in ("cpu_ms", "wall_ms")}


def floor(folder: Path) -> Walk:
    """The least that keeping a step can cost: a transaction that changes one row."""
    database = open_database(folder / "floor.db")
    database.execute("CREATE TABLE state (id INTEGER PRIMARY KEY, content BLOB)")
    database.execute("INSERT INTO state VALUES (1, ?)", (b"0" * 2500,))

    def walk(number: int) -> list[Row]:
        cpu, wall = time.process_time(), time.perf_counter()
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE state SET content = ? WHERE id = 1", (bytes([number % 256]) * 2500,))
        database.execute("COMMIT")
        cost = {"cpu_ms": (time.process_time() - cpu) * 1000, "wall_ms": (time.perf_counter() - wall) * 1000}
        return [{"act": "complete nothing", **cost}]

    return walk


def rivals(folder: Path, absent: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """The commands of those that can be had."""
    spiff = [sys.executable, "-m", "bench.rivals.spiff", str(folder)]
    yield "SpiffWorkflow, our diagram", [*spiff, "ours"]
    yield "SpiffWorkflow, bare steps", [*spiff, "bare"]
    with noted(absent, "Viewflow", environment.NotToBeHad, OSError):
        yield "Viewflow", [str(environment.python()), "-m", "bench.rivals.viewflow_steps", str(folder)]
    with noted(absent, "bpmn-engine", environment.NotToBeHad, OSError):
        diagram = environment.ROOT / "bench" / "rivals" / "licence.bpmn"
        yield "bpmn-engine", [*environment.node(), str(folder), str(diagram)]


@contextmanager
def talked_to(command: list[str], office: Bureau) -> Iterator[Walk]:
    """A rival's process, given the same answers as ours; it ends when its standard input does."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=environment.ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        if _line(process) != "ready":
            raise RuntimeError(f"Expected {command[1:3]} to be ready")

        def walk(number: int) -> list[Row]:
            given = {step: _answers(office, number, step) for step in STEPS}
            process.stdin.write(json.dumps(given) + "\n")
            process.stdin.flush()
            found: list[Row] = _line(process)
            return found

        try:
            yield walk
        finally:
            process.stdin.close()


def _line(process: Any) -> Any:
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"it ended with {process.wait()}")
    return json.loads(line)


def _answers(office: Bureau, number: int, step: str) -> Mapping[str, Any]:
    return office.application(number).answers if step == "apply" else office.answers(number, step)


def _rows(name: str, costs: Costs) -> Iterator[Row]:
    """One row for starts and one for all completions together, each with its middle half."""
    for what, prefix in (("start a case", "start"), ("complete a task", "complete")):
        paid = [cost for act, rows in costs.paid.items() if act.startswith(prefix) for cost in rows[len(rows) // 10 :]]
        if paid:
            cpu, wall = ([cost[of] for cost in paid] for of in ("cpu_ms", "wall_ms"))
            spread = {"cpu_ms_p25": round(percentile(cpu, 0.25), 3), "cpu_ms_p75": round(percentile(cpu, 0.75), 3)}
            middle = {
                "cpu_ms": round(statistics.median(cpu), 3),
                **spread,
                "wall_ms": round(statistics.median(wall), 3),
            }
            yield {"engine": name, "act": what, **middle, "does": DOES[name]}


def _targets(rows: list[Row]) -> Iterator[Target]:
    """No more than each rival's completion; the same engine on the same diagram says the most."""
    found = {row["engine"]: row["cpu_ms"] for row in rows if row["act"] == "complete a task"}
    for name in DOES:
        if name in found and name not in (OURS, FLOOR):
            yield Target(f"our completion beside {name}", "ms CPU", found[name], found[OURS])
