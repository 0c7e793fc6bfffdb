"""Sweep: what a look costs that finds nothing due among a million open timers."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from bench.bureau import MONDAY, Bureau, bureau
from bench.cloning import clone_rows
from bench.databases import databases
from bench.metering import Cost, Meter, medians
from bench.record import Findings, Options, Target
from service.database.session import transaction
from service.worker.sweeping import sweep

TIMERS = 1_000_000
CASES = 10_000
LOOKS = 40
MOST_MS = 5.0


def measure(options: Options) -> Findings:
    """The real sweep, its reads and transactions included."""
    found = Findings(options={"timers": TIMERS, "cases": CASES, "looks": options.rounds or LOOKS})
    for name, url in databases(options, found.absent):
        with bureau(url, durable=False) as office:
            arm(office)
            cost = look(office, options.rounds or LOOKS)
        found.rows.append({"database": name, "timers": TIMERS, **cost})
        found.targets.append(Target(f"a sweep that finds nothing, {name}", "ms CPU", MOST_MS, cost["cpu_ms"]))
    return found


def look(office: Bureau, looks: int) -> Cost:
    """Medians of so many looks, all of which must find nothing."""
    meter, costs = Meter(office.engine), []
    for _ in range(looks):
        cost, fired = meter.measure(lambda: sweep(office.engine, office.services, MONDAY + timedelta(minutes=1)))
        if fired:
            raise AssertionError(f"Expected nothing due, but {fired} cases were fired")
        costs.append(cost)
    return medians(costs)


def arm(office: Bureau) -> None:
    """One case with its timers, cloned as rows until a million wait: to start so many cases would take an hour."""
    with transaction(office.engine) as connection:
        case_id = office.start(connection, 0, MONDAY).case_id
        found = connection.execute(
            text("SELECT timer_id FROM due_row WHERE case_id = :id AND role = 'minimum'"), {"id": case_id}
        )
        timer_id = found.scalars().first()
        connection.execute(text(clone_rows("case", CASES, id=f"{case_id} + n", number="'C' || n")), {"of": case_id})
        clones = {"case_id": f"{case_id} + 1 + (n % {CASES})", "timer_id": "'T' || n"}
        connection.execute(
            text(clone_rows("due_row", TIMERS, key="role = 'minimum' AND timer_id", **clones)), {"of": timer_id}
        )
    with transaction(office.engine) as connection:
        connection.execute(text("ANALYZE"))
