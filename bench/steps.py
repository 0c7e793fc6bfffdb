"""Steps: what starting a case and completing its tasks costs in the service layer, on both databases."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bench.bureau import MONDAY, STEPS, Bureau, bureau
from bench.databases import databases
from bench.metering import Costs, Meter, quietest
from bench.record import Findings, Options, Row, Target, most

ROUNDS = 160
# The rounds are walked in so many passes, and the quietest counts.
PASSES = 4
# Milliseconds of CPU of the client, by database.
COMPLETION_MS = {"sqlite": 2.0, "postgresql": 4.0}
START_MS = 4.0
STATEMENTS = 10


def measure(options: Options) -> Findings:
    """On SQLite and, where it is installed, on PostgreSQL; medians of the quietest pass."""
    rounds = options.rounds or ROUNDS
    found = Findings(options={"cases": rounds, "passes": PASSES})
    for name, url in databases(options, found.absent):
        with bureau(url) as office:
            passes = [run(office, -(-rounds // PASSES)).medians() for _ in range(PASSES)]
            rows = [{"database": name, "act": act, **cost} for act, cost in quietest(passes).items()]
        found.rows += rows
        found.targets += _targets(name, rows)
    return found


def run(office: Bureau, rounds: int) -> Costs:
    """Whole cases, one after the other."""
    meter, costs = Meter(office.engine), Costs()
    for number in range(rounds):
        one_case(office, meter, costs, number)
    return costs


def one_case(office: Bureau, meter: Meter, costs: Costs, number: int) -> None:
    """A case from its start to its decision, each act paid into `costs`."""
    engine, now = office.engine, MONDAY
    cost, started = meter.measure_act(engine, lambda connection: office.start(connection, number, now))
    costs.add("start a case", cost)
    meter.measure_act(engine, lambda connection: office.put_materials(connection, started.case_id, now))
    at = now
    for step, who, minutes in STEPS:
        at += timedelta(minutes=minutes)
        task_id, given = office.open_task(started.case_id, step), office.answers(number, step)
        if step == "site_survey":
            cost, _ = meter.measure_act(engine, partial(office.sign, task_id=task_id, now=at))
            costs.add("sign site_survey", cost)
        cost, _ = meter.measure_act(engine, partial(office.complete, task_id=task_id, who=who, given=given, now=at))
        costs.add(f"complete {step}", cost)


def _targets(database: str, rows: list[Row]) -> list[Target]:
    completions = [row for row in rows if row["act"].startswith("complete")]
    return [
        Target(f"completing a task, {database}", "ms CPU", COMPLETION_MS[database], most(completions, "cpu_ms")),
        Target(f"completing a task, {database}", "statements", STATEMENTS, most(completions, "statements")),
        Target(f"completing a task, {database}", "commits", 1, most(completions, "commits")),
        Target(f"starting a case, {database}", "ms CPU", START_MS, most(rows, "cpu_ms", act="start a case")),
    ]
