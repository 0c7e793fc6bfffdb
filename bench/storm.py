"""Storm: 10,000 warnings due in one second, fired by the workers, while people complete tasks over HTTP."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, bindparam, func, select, update

from bench.bureau import Bureau, bureau
from bench.crowd import Done, Work, at_work
from bench.databases import databases
from bench.installation import installed
from bench.load import copies
from bench.metering import latencies, percentile
from bench.record import Findings, Options, Row, Target
from service.clock import real_now
from service.database.session import reading, transaction
from service.database.tables import due_row, event, user_task

TIMERS = 10_000
PEOPLE = 8
PAUSE_SECONDS = 0.5
QUIET_SECONDS = 15.0
MOST_SECONDS = 300.0
WEB = 2
# One writer on SQLite; PostgreSQL's rows are locked one by one.
WORKERS = {"sqlite": 1, "postgresql": 2}
MOST_MS_ON_SQLITE = 250.0
MOST_TIMES_ON_POSTGRESQL = 3.0
_OF_STORM = due_row.c.case_id.between(bindparam("first"), bindparam("last"))
_STILL_DUE = select(func.count()).where(_OF_STORM, due_row.c.role == "blue", due_row.c.state == 0)
_TOLD = (
    select(func.count().label("times"))
    .where(event.c.case_id.between(bindparam("first"), bindparam("last")), event.c.kind == "limit_reached")
    .group_by(event.c.case_id)
)


@dataclass(frozen=True, slots=True)
class Storm:
    """The cases whose warning is to fall due: their ids from `first` to `last`."""

    first: int
    last: int

    @property
    def ids(self) -> dict[str, int]:
        return {"first": self.first, "last": self.last}


def measure(options: Options) -> Findings:
    """On each database: people alone first, then the storm beside them until its last timer has fired."""
    timers, quiet = options.rounds or TIMERS, options.seconds or QUIET_SECONDS
    found = Findings(options={"timers": timers, "people": PEOPLE, "pause_seconds": PAUSE_SECONDS})
    for name, url in databases(options, found.absent):
        with bureau(url, founded=real_now() - timedelta(hours=4)) as office:
            row = run(office, timers, quiet)
        found.rows.append({"database": name, **row})
        found.targets += _targets(name, row)
    return found


def run(office: Bureau, timers: int, quiet_seconds: float) -> Row:
    with transaction(office.engine) as connection:
        storm = _gather(office, connection, timers)
        people = int(PEOPLE / PAUSE_SECONDS * (quiet_seconds + MOST_SECONDS))
        work = [
            Work(task_id, "yj_section", office.answers(1, "section_review"))
            for task_id in copies(office, connection, 1, "section_review", people)
        ]
    workers = WORKERS[office.database]
    with (
        installed(office, web=WEB, workers=workers) as running,
        at_work(office, running.port, PEOPLE, deque(work), pause=PAUSE_SECONDS) as done,
    ):
        time.sleep(3)  # Everything is parsed and every connection open.
        begun = time.monotonic()
        time.sleep(quiet_seconds)
        broken_out = time.monotonic()
        _break_out(office, storm)
        left = _wait(office, storm)
        over = time.monotonic()
    return {**_people(done, begun, broken_out, over), **_fired(office, storm, timers, left, over - broken_out)}


def _gather(office: Bureau, connection: Connection, timers: int) -> Storm:
    """Cases at the check of materials; their warning at half of its limit is days away."""
    tasks = copies(office, connection, 0, "formal_check", timers)
    cases = sorted(
        case_id
        for first in range(0, len(tasks), 1000)
        for case_id in connection.execute(
            select(user_task.c.case_id).where(user_task.c.id.in_(tasks[first : first + 1000]))
        ).scalars()
    )
    return Storm(cases[0], cases[-1])


def _break_out(office: Bureau, storm: Storm) -> None:
    with transaction(office.engine) as connection:
        blue = update(due_row).where(_OF_STORM, due_row.c.role == "blue").values(due_at=real_now())
        connection.execute(blue, storm.ids)


def _wait(office: Bureau, storm: Storm) -> int:
    """Until nothing of the storm is due any more, or it has lasted too long; how many timers have not fired."""
    end = time.monotonic() + MOST_SECONDS
    while True:
        with reading(office.engine) as connection:
            left = int(connection.execute(_STILL_DUE, storm.ids).scalar_one())
        if not left or time.monotonic() > end:
            return left
        time.sleep(1)


def _people(done: Done, begun: float, broken_out: float, over: float) -> Row:
    quiet, during = done.between(begun, broken_out), done.between(broken_out, over)
    return {
        "quiet_completions": len(quiet),
        **{f"quiet_{name}": value for name, value in latencies(quiet).items()},
        "storm_completions": len(during),
        **{f"storm_{name}": value for name, value in latencies(during).items()},
        "longest_ms": round(percentile(during, 1.0) * 1000, 1),
        "errors": len(done.errors),
        "first_error": done.errors[0] if done.errors else "",
    }


def _fired(office: Bureau, storm: Storm, timers: int, left: int, seconds: float) -> Row:
    """What the histories tell: each case of its warning once."""
    with reading(office.engine) as connection:
        times = list(connection.execute(_TOLD, storm.ids).scalars())
    return {
        "timers": timers,
        "fired_once": times.count(1),
        "fired_twice": sum(1 for each in times if each > 1),
        "not_fired": timers - len(times),
        "still_due": left,
        "storm_seconds": round(seconds, 1),
        "timers_per_second": round(len(times) / seconds, 1),
    }


def _targets(database: str, row: Row) -> list[Target]:
    """Each once, and people wait no longer than is asked."""
    fired = [
        Target(f"timers that fired twice, {database}", "timers", 0, row["fired_twice"]),
        Target(f"timers that did not fire, {database}", "timers", 0, row["not_fired"]),
        Target(f"errors of people's requests, {database}", "errors", 0, row["errors"]),
    ]
    during, what = row["storm_p95_ms"], f"people's p95 in the storm, {database}"
    if database == "sqlite":
        return [*fired, Target(what, "ms", MOST_MS_ON_SQLITE, during)]
    return [*fired, Target(what, "times the quiet p95", MOST_TIMES_ON_POSTGRESQL, during / (row["quiet_p95_ms"] or 1))]
