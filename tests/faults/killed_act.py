"""Does one act again and again, each time in a child that kills itself before its n-th statement, until one lives.

    python -m tests.faults.killed_act DATA complete|fire CASE NOW

Prints a line of JSON for each child: how it ended and a digest of all that the database then holds of the act.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from service.commands.complete_task import CompleteTask, complete_task
from service.commands.fire_timers import fire_timers
from service.commands.performing import perform, perform_on_case
from service.commands.services import build_services
from service.database.session import create_database_engine, reading
from service.database.tables import case, document, due_row, number_sequence, person, user_task
from service.database.tables import event as event_table
from service.people.queries import read_actor
from service.settings import read_settings
from supervision.registration import register

MOST_STATEMENTS = 60


def main(data: str, act: str, case_id: int, now: datetime) -> None:
    for number in range(1, MOST_STATEMENTS):
        child = os.fork()
        if child == 0:
            do(data, act, case_id, number, now)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        print(json.dumps({"ended": os.waitstatus_to_exitcode(status), "digest": digest(data)}), flush=True)
        if status == 0:
            return


def do(data: str, act: str, case_id: int, last_statement: int, now: datetime) -> None:
    settings = read_settings({}, data=Path(data))
    engine = create_database_engine(settings.database_url)
    services = build_services(settings)
    register(services)
    with reading(engine) as connection:
        clerk = connection.execute(select(person.c.id).where(person.c.username == "yj_clerk")).scalar_one()
        actor = read_actor(connection, clerk, now)
        task_id = connection.execute(
            select(user_task.c.id).where(user_task.c.case_id == case_id, user_task.c.status == "open")
        ).scalar_one()
    assert actor is not None
    counted = iter(range(1, 1000))

    def statement(*_given: Any) -> None:
        if next(counted) == last_statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", statement)
    if act == "fire":
        perform(engine, lambda c: fire_timers(c, services, case_id, now))
        return
    command = CompleteTask(task_id, {"check_result": "accept"})
    perform_on_case(
        engine,
        services,
        lambda c: complete_task(c, services, actor, command, now),
        actor=actor,
        now=now,
        task_id=task_id,
    )


def digest(data: str) -> str:
    """SHA-256 of all that an act may write, so that half an act would show."""
    engine = create_database_engine(read_settings({}, data=Path(data)).database_url)
    with reading(engine) as connection:
        held = [
            connection.execute(select(case.c.version, case.c.event_seq, case.c.state, case.c.status)).all(),
            connection.execute(select(user_task.c.id, user_task.c.status).order_by(user_task.c.id)).all(),
            connection.execute(select(due_row.c.timer_id, due_row.c.role).order_by(due_row.c.timer_id)).all(),
            connection.execute(select(func.count()).select_from(event_table)).all(),
            connection.execute(select(func.count()).select_from(document)).all(),
            connection.execute(select(number_sequence).order_by(number_sequence.c.scope)).all(),
        ]
    engine.dispose()
    return hashlib.sha256(repr(held).encode()).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), datetime.fromisoformat(sys.argv[4]).astimezone(UTC))
