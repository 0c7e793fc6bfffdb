"""Fires what fell due: each case in a transaction of its own, and one that fails holds up nobody."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import InterfaceError, OperationalError

from service.commands.fire_timers import fire_timers
from service.commands.performing import note_incident
from service.commands.services import Services
from service.database.session import reading, transaction
from service.database.tables import incident
from service.errors import Refused
from service.log import log
from service.metrics import step_took
from service.notices.outbox import always
from service.reads.hot import hot_by_id
from service.timers.due import Place, cases_due, claim, hold_up
from service.worker.death_marks import MOST_DEATHS, DeathMarks

# Firing may arm what is due already, after a long standstill for example; more rounds than this are a circle.
MOST_ROUNDS = 20


def sweep(
    engine: Engine,
    services: Services,
    now: datetime,
    *,
    batch: int = 100,
    go_on: Callable[[], bool] = always,
    marks: DeathMarks | None = None,
) -> int:
    """Fire every timer that fell due before `now`; how many times a case was fired.

    Safe beside other workers, which share the cases among them; one that somebody acts on waits for the next look.
    With `marks`, a case at which worker processes ended again and again becomes an incident.
    """
    fired = 0
    if marks is not None:
        _hold_up_the_deadly(engine, services, marks, now)
    for _ in range(MOST_ROUNDS):
        in_round = _round(engine, services, now, batch, go_on, marks)
        fired += in_round
        if not in_round or not go_on():
            break
    return fired


def _round(
    engine: Engine,
    services: Services,
    now: datetime,
    batch: int,
    go_on: Callable[[], bool],
    marks: DeathMarks | None,
) -> int:
    """Each case that is due, once, batch by batch with the longest due first.

    Within a batch the order is thrown: one that ends the whole process would else end every worker at the same place;
    and workers that read the same batch are less often in each other's way.
    """
    fired, seen = 0, set[int]()
    place: Place | None = None
    while True:
        with reading(engine) as connection:
            case_ids, place = cases_due(connection, now, batch=batch, after=place)
        for case_id in random.sample(case_ids, len(case_ids)):
            if not go_on():
                return fired
            if case_id not in seen:
                seen.add(case_id)
                with nullcontext() if marks is None else marks.firing(case_id):
                    fired += fire(engine, services, case_id, now)
        if place is None:
            return fired


def fire(engine: Engine, services: Services, case_id: int, now: datetime) -> bool:
    """Fire what is due on one case; False if there is nothing to do, or if it failed and is an incident now."""
    try:
        with transaction(engine) as connection:
            began = time.perf_counter()
            fired = claim(connection, case_id, now) and fire_timers(connection, services, case_id, now)
        if fired:
            step_took(time.perf_counter() - began, "timer")
        return fired
    except (OperationalError, InterfaceError) as problem:
        # The database's own trouble (a deadlock, a lost connection) says nothing about the case: the next look tries.
        log.warning("sweep_interrupted", case_id=case_id, why=str(problem))
    except Refused as refusal:
        if refusal.code != "version_conflict":
            _open_incident(engine, services, case_id, now, refusal)
    except Exception as problem:
        _open_incident(engine, services, case_id, now, problem)
    return False


def _hold_up_the_deadly(engine: Engine, services: Services, marks: DeathMarks, now: datetime) -> None:
    """An incident of each case at which processes have ended too often; at the next trial without reading the case."""
    for case_id, times in marks.count_the_dead().items():
        log.error("worker_died_firing", case_id=case_id, times=times)
        if times < MOST_DEATHS:
            continue
        deadly = RuntimeError(f"the worker's process has ended {times} times while it fired what was due on this case")
        with marks.firing(case_id):
            if times == MOST_DEATHS:
                _open_incident(engine, services, case_id, now, deadly)
            else:
                _open_bare_incident(engine, case_id, now, f"{type(deadly).__name__}: {deadly}")
        marks.forget(case_id)


def _open_incident(engine: Engine, services: Services, case_id: int, now: datetime, problem: Exception) -> None:
    """Once, though several workers may have failed at the case: whoever takes its rows out of the sweep tells of it.

    What falls due later on a case that has an open incident already is held up with the rest.
    """
    message = f"{type(problem).__name__}: {problem}"
    log.error("incident", case_id=case_id, during="timer", why=message)
    try:
        with transaction(engine) as connection:
            row = hot_by_id(connection, case_id)
            if hold_up(connection, case_id, now) and row is not None and not _stands_open(connection, case_id):
                note_incident(connection, services, row, now, during="timer", message=message)
    except Exception as worse:
        # Not even its history can be written, because its diagram cannot be read for example.
        _open_bare_incident(engine, case_id, now, f"{message}; then {type(worse).__name__}: {worse}")


def _open_bare_incident(engine: Engine, case_id: int, now: datetime, message: str) -> None:
    """The incident alone, with nothing read of the case and no word in its history."""
    with transaction(engine) as connection:
        if hold_up(connection, case_id, now) and not _stands_open(connection, case_id):
            values = {"case_id": case_id, "at": now, "during": "timer", "message": message[:2000], "status": "open"}
            connection.execute(insert(incident), values)


def _stands_open(connection: Connection, case_id: int) -> bool:
    of_case = incident.c.case_id == case_id, incident.c.status == "open", incident.c.during == "timer"
    return connection.execute(select(incident.c.id).where(*of_case).limit(1)).one_or_none() is not None
