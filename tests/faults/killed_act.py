"""Does one act again and again, each time in a child that kills itself at its n-th step, until one lives.

    python -m tests.faults.killed_act FOLDER DATABASE_URL ACT CASE NOW SMS_URL

ACT is complete, sweep, send, recount, watch, order, extend (the one extension that waits is granted) or deadly. A step
is a statement, a commit, or either side of an exchange with a gateway. Prints a line of JSON for each child: how it
ended and a digest of all that the database then holds of the act. `deadly` is a worker's sweep that dies whenever it
reads the case.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, func, select, text

from service.commands.calendar_versions import RECOUNT, RECOUNT_CASE
from service.commands.complete_task import CompleteTask, complete_task
from service.commands.order_extension import decide_extension
from service.commands.performing import perform, perform_on_case
from service.commands.recorders import RECORDERS
from service.commands.services import Services, build_services
from service.database.session import create_database_engine, reading
from service.database.tables import (
    alarm,
    case,
    document,
    due_row,
    notice,
    number_sequence,
    order_alarm,
    order_extension,
    outbox,
    person,
    supervision_order,
    user_task,
)
from service.database.tables import event as event_table
from service.log import configure_logging
from service.notices.gateways import gateway_senders
from service.notices.outbox import CLAIM, OutsideSender, Payload, Wanted, drain
from service.people.queries import read_actor
from service.settings import Settings, read_settings
from service.worker.death_marks import DeathMarks
from service.worker.sweeping import sweep
from supervision.registration import register
from supervision.watching import watch

MOST_STEPS = 200
_ORDERS = (supervision_order, order_alarm, notice)


class Watched(OutsideSender):
    """A real sender, with a step before and after each exchange."""

    def __init__(self, sender: OutsideSender, step: Callable[[], None]) -> None:
        self._sender, self._step = sender, step

    def prepare(self, connection: Any, payload: Payload, key: str) -> Any | None:
        return self._sender.prepare(connection, payload, key)

    def send(self, request: Any) -> Any:
        self._step()
        receipt = self._sender.send(request)
        self._step()
        return receipt

    def record(self, connection: Any, payload: Payload, receipt: Any, now: datetime) -> None:
        self._sender.record(connection, payload, receipt, now)


def main(settings: Settings, act: str, case_id: int, now: datetime) -> None:
    for last_step in range(1, MOST_STEPS):
        child = os.fork()
        if child == 0:
            # Whoever dies with a claim holds it until it runs out.
            do(settings, act, case_id, last_step, now + last_step * CLAIM if act == "send" else now)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        print(json.dumps({"ended": os.waitstatus_to_exitcode(status), "digest": digest(settings)}), flush=True)
        if status == 0:
            return


def do(settings: Settings, act: str, case_id: int, last_step: int, now: datetime) -> None:
    engine = create_database_engine(settings.database_url)
    services = build_services(settings)
    recorders = {**RECORDERS, **register(services)}
    given = _completion(engine, case_id, now) if act == "complete" else None
    counted = iter(range(1, 1000))

    def step(*_given: Any) -> None:
        if next(counted) == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    def touch(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_given: Any) -> None:
        if statement.startswith("SELECT") and "due_row" in statement and case_id in _values(parameters):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", touch if act == "deadly" else step)
    if act != "deadly":
        event.listen(engine, "commit", step)
    if act in ("sweep", "deadly"):
        sweep(engine, services, now, marks=DeathMarks(settings.data / "firing") if act == "deadly" else None)
    elif act == "send":
        senders = gateway_senders(settings, services.clock)
        watched = {kind: Watched(sender, step) for kind, sender in senders.items()}
        drain(engine, services, {**watched, **recorders}, now)
    elif act == "recount":
        drain(engine, services, recorders, now, Wanted(frozenset({RECOUNT, RECOUNT_CASE})))
    elif act == "watch":
        perform(engine, lambda connection: watch(connection, services, now))
    elif act == "order":
        drain(engine, services, recorders, now, Wanted(frozenset({"start_order"})))
    elif act == "extend":
        _grant(engine, services, now)
    elif given is not None:
        _complete(engine, services, *given, now)


def _values(parameters: Any) -> list[Any]:
    """Of one statement: by position on SQLite, by name on PostgreSQL."""
    return list(parameters.values() if isinstance(parameters, dict) else parameters)


def _completion(engine: Engine, case_id: int, now: datetime) -> tuple[Any, str]:
    with reading(engine) as connection:
        clerk = connection.execute(select(person.c.id).where(person.c.username == "yj_clerk")).scalar_one()
        task_id = connection.execute(
            select(user_task.c.id).where(user_task.c.case_id == case_id, user_task.c.status == "open")
        ).scalar_one()
        return read_actor(connection, clerk, now), task_id


def _grant(engine: Engine, services: Services, now: datetime) -> None:
    asked = select(order_extension.c.id, case.c.number).join(case, case.c.id == order_extension.c.order_case_id)
    with reading(engine) as connection:
        row = connection.execute(asked).one()
        sup1 = connection.execute(select(person.c.id).where(person.c.username == "yj_sup1")).scalar_one()
        actor = read_actor(connection, sup1, now)
    assert actor is not None
    given = actor, row.number, row.id, "情况属实", now
    perform(engine, lambda c: decide_extension(c, services, *given, granted=True))


def _complete(engine: Engine, services: Services, actor: Any, task_id: str, now: datetime) -> None:
    command = CompleteTask(task_id, {"check_result": "accept"})
    perform_on_case(
        engine,
        services,
        lambda c: complete_task(c, services, actor, command, now),
        actor=actor,
        now=now,
        task_id=task_id,
    )


def digest(settings: Settings) -> str:
    """SHA-256 of all that an act may write, so that half an act would show."""
    engine = create_database_engine(settings.database_url)
    _await_the_dead(engine)
    with reading(engine) as connection:
        held = [
            connection.execute(select(case.c.version, case.c.event_seq, case.c.state, case.c.status)).all(),
            connection.execute(select(user_task.c.id, user_task.c.status).order_by(user_task.c.id)).all(),
            connection.execute(
                select(due_row.c.timer_id, due_row.c.role, due_row.c.due_at, due_row.c.state).order_by(
                    due_row.c.timer_id, due_row.c.role
                )
            ).all(),
            *(connection.execute(select(func.count()).select_from(each)).all() for each in (event_table, document)),
            *(connection.execute(select(func.count()).select_from(each)).all() for each in (alarm, outbox)),
            *(connection.execute(select(func.count()).select_from(each)).all() for each in _ORDERS),
            connection.execute(select(order_extension.c.id, order_extension.c.status)).all(),
            connection.execute(select(number_sequence).order_by(number_sequence.c.scope)).all(),
        ]
    engine.dispose()
    return hashlib.sha256(repr(held).encode()).hexdigest()


def _await_the_dead(engine: Engine) -> None:
    """PostgreSQL undoes what a killed client had begun as soon as it hears of it."""
    if engine.dialect.name == "sqlite":
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with engine.connect() as connection:
        for _ in range(500):
            if not connection.execute(text(others)).scalar_one():
                return
            connection.rollback()
            time.sleep(0.02)
    raise TimeoutError("Expected the killed child's session to end within ten seconds, but it goes on")


if __name__ == "__main__":
    folder, url, act, case_id, now, sms_url = sys.argv[1:]
    configure_logging()
    environment = {"MINGJING_DATABASE_URL": url, "MINGJING_SMS_URL": sms_url}
    main(
        read_settings(environment, data=Path(folder)),
        act,
        int(case_id),
        datetime.fromisoformat(now).astimezone(UTC),
    )
