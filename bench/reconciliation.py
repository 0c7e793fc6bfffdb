"""Reconciliation: half a million receipts of the treasury against half a million payments, every difference found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, text

from bench.bureau import MONDAY, Bureau, bureau
from bench.databases import databases
from bench.metering import Cost, peak_mb
from bench.planting import Plan, Planted, expected, plant_system, write_file
from bench.record import Findings, Options, Target
from service.clock import MovedClock
from service.commands import taking_receipts
from service.commands.compare_treasury import keep_comparison
from service.commands.import_receipts import Examined, ImportReceipts, examine, import_receipts
from service.commands.match_receipt import match_receipt
from service.commands.recorders import RECORDERS
from service.commands.services import Services, build_services
from service.commands.taking_receipts import ROWS_KIND
from service.database.session import create_database_engine, reading, transaction
from service.database.tables import treasury_receipt
from service.garbage import collect_rarely
from service.notices.outbox import Wanted, drain
from service.reads.treasury_comparison import Comparison, compare_treasury
from service.settings import read_settings
from supervision.registration import register

RECEIPTS = 500_000
MOST_SECONDS = 30.0
DAYS = 300


def measure(options: Options) -> Findings:
    number = options.rounds or RECEIPTS
    found = Findings(options={"receipts": number, "payments": number})
    for name, url in databases(options, found.absent):
        with bureau(url, durable=False) as office:
            plan = plan_of(number, office)
            file = office.folder / "treasury.csv"
            prepare(office, plan, file)
            with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # Its memory is its own.
                steps = apart.submit(run_apart, office.url, office.folder, plan, file).result()
        found.rows += [{"database": name, "step": step, **cost} for step, cost in steps.items()]
        taken = sum(steps[step]["cpu_s"] for step in COUNTED)
        found.targets.append(Target(f"matching and comparing, {name}", "s CPU", MOST_SECONDS, taken))
    return found


MATCHING = "match with the bank's payments (part of taking in)"
# What the target counts: every receipt matched with every payment, compared, and what differs written down.
COUNTED = (MATCHING, "match what the bank has not told", "compare", "keep the differences")
# So many cases note in their history that their money is in the treasury; the worker does that afterwards.
NOTED = 500


def plan_of(number: int, office: Bureau) -> Plan:
    today = office.services.calendars
    with reading(office.engine) as connection:
        day = today.get(connection).local_date(MONDAY)
    return Plan(number, day, day - timedelta(days=DAYS))


def prepare(office: Bureau, plan: Plan, file: Path) -> None:
    """The system's rows, and the treasury's file."""
    with transaction(office.engine) as connection:
        case_id = office.start(connection, 0, MONDAY).case_id
        plant_system(connection, plan, case_id, office.services.settings.zone)
    with transaction(office.engine) as connection:
        connection.execute(text("ANALYZE"))
    write_file(plan, file)


def run_apart(url: str, folder: Path, plan: Plan, file: Path) -> dict[str, Cost]:
    """The steps in a process that has done nothing else."""
    settings = read_settings({"MINGJING_DATABASE_URL": url}, data=folder)
    engine, services = create_database_engine(url, durable=False), build_services(settings, MovedClock(MONDAY))
    register(services)
    collect_rarely()
    try:
        return run(engine, services, plan, file)
    finally:
        engine.dispose()


def run(engine: Engine, services: Services, plan: Plan, file: Path) -> dict[str, Cost]:
    """Each step with its cost. AssertionError if anything planted is not found, or anything else is."""
    costs: dict[str, Cost] = {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        began, cpu = time.perf_counter(), time.process_time()
        found = work()
        costs[step] = {
            "wall_s": round(time.perf_counter() - began, 2),
            "cpu_s": round(time.process_time() - cpu, 2),
            "peak_mb": round(peak_mb()),
        }
        return found

    examined = timed("read the file", lambda: _examine(engine, services, file))

    def take() -> None:
        with transaction(engine) as connection:
            import_receipts(connection, services, None, examined, MONDAY)
        drain(engine, services, RECORDERS, MONDAY, Wanted(frozenset({ROWS_KIND})))

    with _timing_of_matching(costs):
        timed("take the rows in", take)
    timed("match what the bank has not told", lambda: _match_the_rest(engine, services))
    found: Comparison = timed("compare", lambda: _compare(engine, services))
    timed("keep the differences", lambda: _keep(engine, found))
    require_found(expected(plan), found)
    timed(f"note {NOTED} in the cases' histories", lambda: _note(engine, services))
    return costs


@contextmanager
def _timing_of_matching(costs: dict[str, Cost]) -> Iterator[None]:
    """Matching happens as the rows come in; its share of that is told apart."""
    module: Any = taking_receipts
    match, spent = module.by_the_bank, [0.0, 0.0]

    def timed(*given: Any) -> Any:
        began, cpu = time.perf_counter(), time.process_time()
        found = match(*given)
        spent[0] += time.perf_counter() - began
        spent[1] += time.process_time() - cpu
        return found

    module.by_the_bank = timed
    try:
        yield
    finally:
        module.by_the_bank = match
    costs[MATCHING] = {"wall_s": round(spent[0], 2), "cpu_s": round(spent[1], 2)}


def _examine(engine: Engine, services: Services, file: Path) -> Examined:
    with file.open("rb") as source, reading(engine) as connection:
        return examine(connection, services, None, ImportReceipts(source, file.name))


def _match_the_rest(engine: Engine, services: Services) -> None:
    """As the outbox does it, each in a transaction of its own."""
    with reading(engine) as connection:
        waiting = select(treasury_receipt.c.id).where(treasury_receipt.c.status == "waiting")
        ids = list(connection.execute(waiting).scalars())
    for receipt_id in ids:
        with transaction(engine) as connection:
            match_receipt(connection, services, {"receipt_id": receipt_id}, MONDAY)


def _compare(engine: Engine, services: Services) -> Comparison:
    with reading(engine) as connection:
        return compare_treasury(connection, services.calendars.get(connection), MONDAY)


def _keep(engine: Engine, found: Comparison) -> None:
    with transaction(engine) as connection:
        keep_comparison(connection, found, MONDAY)


def _note(engine: Engine, services: Services) -> None:
    with reading(engine) as connection:
        matched = select(treasury_receipt.c.id).where(treasury_receipt.c.status == "matched").limit(NOTED)
        ids = list(connection.execute(matched).scalars())
    for receipt_id in ids:
        with transaction(engine) as connection:
            match_receipt(connection, services, {"receipt_id": receipt_id}, MONDAY)


def require_found(planted: Planted, found: Comparison) -> None:
    """Every planted difference, by its class, payment code, receipt and amount, and nothing beside."""
    seen: Planted = {kind: set() for kind in planted}
    for one in found.differences:
        seen[one.kind].add((one.pay_code, one.receipt_no, one.amount_fen))
    for kind, wanted in planted.items():
        if seen[kind] != wanted:
            missed, beside = sorted(wanted - seen[kind])[:3], sorted(seen[kind] - wanted)[:3]
            raise AssertionError(f"Expected {len(wanted)} of {kind}; missed {missed}, found beside {beside}")
