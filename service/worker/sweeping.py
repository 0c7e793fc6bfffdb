"""Fires what fell due: each case in a transaction of its own, and one that fails holds up nobody."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
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

# Firing may arm what is due already, after a long standstill for example; more rounds than this are a circle.
MOST_ROUNDS = 20


def sweep(
    engine: Engine, services: Services, now: datetime, *, batch: int = 100, go_on: Callable[[], bool] = always
) -> int:
    """Fire every timer that fell due before `now`; how many times a case was fired.

    Safe beside other workers, which share the cases among them; one that somebody acts on waits for the next look.
    """
    fired = 0
    for _ in range(MOST_ROUNDS):
        in_round = _round(engine, services, now, batch, go_on)
        fired += in_round
        if not in_round or not go_on():
            break
    return fired


def _round(engine: Engine, services: Services, now: datetime, batch: int, go_on: Callable[[], bool]) -> int:
    """Each case that is due, once, batch by batch with the longest due first.

    Within a batch the order is thrown: one that ends the whole process, which can leave no incident, would else end
    every worker at the same place; and workers that read the same batch are less often in each other's way.
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
        with transaction(engine) as connection:
            if hold_up(connection, case_id, now) and not _stands_open(connection, case_id):
                why = f"{message}; then {type(worse).__name__}: {worse}"[:2000]
                values = {"case_id": case_id, "at": now, "during": "timer", "message": why, "status": "open"}
                connection.execute(insert(incident), values)


def _stands_open(connection: Connection, case_id: int) -> bool:
    of_case = incident.c.case_id == case_id, incident.c.status == "open", incident.c.during == "timer"
    return connection.execute(select(incident.c.id).where(*of_case).limit(1)).one_or_none() is not None
