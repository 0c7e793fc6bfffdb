"""Load: a full office on PostgreSQL; clerks over HTTP, web processes, workers and a beat, all on this machine."""

from __future__ import annotations

import itertools
import time
from collections import deque
from contextlib import ExitStack
from datetime import timedelta

from sqlalchemy import Connection, bindparam, select, text

from bench.bureau import STEPS, Bureau, bureau
from bench.cloning import clone_case
from bench.crowd import Work, at_work
from bench.databases import postgresql
from bench.installation import installed
from bench.metering import latencies
from bench.record import Findings, Options, Row, Target
from service.clock import real_now
from service.database.session import transaction
from service.database.tables import user_task

CLERKS = 50
SECONDS = 60.0
SCALING_SECONDS = 15.0
WORKERS = 2
WEB = 2
# More than the machine can complete in that time.
MOST_PER_SECOND = 160
_TASKS = select(user_task.c.id).where(
    user_task.c.case_id.in_(bindparam("cases", expanding=True)), user_task.c.status == "open"
)
_STATEMENTS = (
    "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database "
    "WHERE datname = current_database()) AND query NOT IN ('BEGIN', 'COMMIT', 'ROLLBACK')"
)


def measure(options: Options) -> Findings:
    """Two web processes for a minute, then one to four for a quarter of it each."""
    seconds = options.seconds or SECONDS
    scaling = min(SCALING_SECONDS, seconds)
    found = Findings(options={"clerks": CLERKS, "seconds": seconds, "scaling_seconds": scaling, "workers": WORKERS})
    with ExitStack() as stack:
        try:
            url = options.database or stack.enter_context(postgresql())
        except (LookupError, RuntimeError, OSError) as problem:
            found.absent["postgresql"] = str(problem)[:300]
            return found
        office = stack.enter_context(bureau(url, founded=real_now() - timedelta(hours=4)))
        work = open_work(office, int(MOST_PER_SECOND * (seconds + 4 * scaling)))
        for web, lasting in ((WEB, seconds), *((web, scaling) for web in (1, 2, 3, 4))):
            found.rows.append(_one(office, work, web=web, seconds=lasting))
    errors = sum(row["errors"] for row in found.rows)
    found.targets = [Target("errors of all requests", "errors", 0, errors)]
    return found


def open_work(office: Bureau, count: int) -> deque[Work]:
    """As many open tasks, of each step in turn, as if their cases had come that far in the last hours."""
    kinds = []
    with transaction(office.engine) as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_stat_statements"))
        for number, (step, who, _) in enumerate(STEPS):
            given = office.answers(number, step)
            task_ids = copies(office, connection, number, step, count // len(STEPS))
            kinds.append([Work(task_id, f"yj_{who}", given) for task_id in task_ids])
    with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return deque(itertools.chain.from_iterable(zip(*kinds, strict=True)))


def copies(office: Bureau, connection: Connection, number: int, step: str, count: int) -> list[str]:
    """The open tasks of that many cases that have waited at the step for two hours."""
    since = real_now() - timedelta(hours=2)
    task_id = office.case_at(connection, number, step, since)
    if step == "site_survey":
        office.sign(connection, task_id, since + timedelta(hours=1))
    case_id = connection.execute(select(user_task.c.case_id).where(user_task.c.id == task_id)).scalar_one()
    cases = clone_case(connection, case_id, count)
    found: list[str] = []
    for first in range(0, count, 1000):
        found += connection.execute(_TASKS, {"cases": cases[first : first + 1000]}).scalars()
    return found


def _one(office: Bureau, work: deque[Work], *, web: int, seconds: float) -> Row:
    with installed(office, web=web, workers=WORKERS) as running, at_work(office, running.port, CLERKS, work) as done:
        time.sleep(3)  # Everything is parsed and every connection open.
        asked, cpu, begun = _statements(office), running.web_cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        ended = time.monotonic()
        asked, cpu = _statements(office) - asked, running.web_cpu_seconds() - cpu
    completed = done.between(begun, ended)
    return {
        "web_processes": web,
        "seconds": seconds,
        "completions": len(completed),
        "per_second": round(len(completed) / (ended - begun), 1),
        **latencies(completed),
        "errors": len(done.errors),
        "statements_each": round(asked / max(len(completed), 1), 1),
        "web_cpu_ms_each": round(cpu * 1000 / max(len(completed), 1), 2),
        "first_error": done.errors[0] if done.errors else "",
    }


def _statements(office: Bureau) -> int:
    """What the server has been asked so far, by whomever; an opened task belongs to each completion."""
    with office.engine.connect() as connection:
        found = int(connection.execute(text(_STATEMENTS)).scalar_one())
        connection.rollback()
    return found
