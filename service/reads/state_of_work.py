"""How the work stands, in numbers: what is due, what waits to be sent, what has failed. For monitoring alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from service.database.in_text import in_text
from service.database.tables import alarm, case, due_row, incident, outbox, setting, unmatched_payment
from service.timers.due import FIRES

HEARTBEAT = "worker_seen"
_TIMERS = (
    select(func.count(), func.min(due_row.c.due_at))
    .select_from(due_row)
    .join(case, case.c.id == due_row.c.case_id)
    .where(FIRES, due_row.c.due_at < bindparam("now"))
)
_WAITING = (
    select(outbox.c.kind, func.count(), func.min(outbox.c.created_at))
    .where(outbox.c.state == in_text(0))
    .group_by(outbox.c.kind)
)
_DEAD = select(outbox.c.kind, func.count()).where(outbox.c.state == in_text(2)).group_by(outbox.c.kind)
_ALARMS = (
    select(alarm.c.kind, alarm.c.colour, func.count())
    .where(alarm.c.status != "closed")
    .group_by(alarm.c.kind, alarm.c.colour)
)
_INCIDENTS = select(func.count()).select_from(incident).where(incident.c.status == "open")
_UNMATCHED = select(func.count()).select_from(unmatched_payment).where(unmatched_payment.c.status == "open")
_CASES = (
    select(case.c.status, func.count())
    .where(case.c.status.in_(("open", "halted", "suspended")))
    .group_by(case.c.status)
)
_SEEN = select(setting.c.content).where(setting.c.name == HEARTBEAT)


@dataclass(frozen=True, slots=True)
class StateOfWork:
    """`waiting` is (how many, age of the oldest in seconds) by kind; ages and lags in seconds.

    `worker_silent` is None where no worker was ever seen.
    """

    timers_due: int
    timer_lag: float
    waiting: Mapping[str, tuple[int, float]]
    dead: Mapping[str, int]
    alarms: Mapping[tuple[str, str], int]
    incidents: int
    unmatched: int
    cases: Mapping[str, int]
    worker_silent: float | None


def read_state_of_work(connection: Connection, now: datetime, system_now: datetime) -> StateOfWork:
    """As of `now`; workers are heard by the system's clock."""
    count, oldest = connection.execute(_TIMERS, {"now": now}).one()
    seen = connection.execute(_SEEN).scalar_one_or_none()
    return StateOfWork(
        timers_due=count,
        timer_lag=_age(oldest, now),
        waiting={kind: (many, _age(at, now)) for kind, many, at in connection.execute(_WAITING)},
        dead={kind: many for kind, many in connection.execute(_DEAD)},
        alarms={(kind, colour): many for kind, colour, many in connection.execute(_ALARMS)},
        incidents=connection.execute(_INCIDENTS).scalar_one(),
        unmatched=connection.execute(_UNMATCHED).scalar_one(),
        cases={status: many for status, many in connection.execute(_CASES)},
        worker_silent=None if seen is None else _age(datetime.fromisoformat(seen), system_now),
    )


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max((now - at).total_seconds(), 0.0)
