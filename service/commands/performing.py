"""How a shell lets a command act: one transaction, one commit; a refusal is recorded, a failure becomes an incident."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine, insert, update

from service.commands.act import CaseAct
from service.commands.held_acts import ActHeld
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.session import transaction
from service.database.tables import incident
from service.errors import MingjingError, Refused
from service.log import log
from service.people.actor import Actor
from service.reads.hot import HotRow, hot_by_id, hot_by_number, hot_by_task

Result = TypeVar("Result")
# These are answered to a client that is out of date or in the wrong place; they say nothing about the case.
UNRECORDED = frozenset(
    {"version_conflict", "idempotency_conflict", "not_found", "not_signed_in", "not_permitted", "invalid_request"}
    | {"offset_conflict", "rate_limited", "second_factor_required"}
)


def perform(engine: Engine, command: Callable[[Connection], Result]) -> Result:
    """Run a command in a transaction of its own and commit it; a refusal undoes it, but that an act is held stands."""
    with transaction(engine) as connection:
        try:
            return command(connection)
        except ActHeld as refusal:
            refusal.hold()
            kept = refusal
    raise kept


def perform_on_case(
    engine: Engine,
    services: Services,
    command: Callable[[Connection], Result],
    *,
    actor: Actor | None,
    now: datetime,
    task_id: str | None = None,
    number: str | None = None,
) -> Result:
    """The same for an act on a case: the refused attempt stays in the case's history.

    Timers that the command fired first are kept: they fell due whether or not the person may act.
    """
    try:
        with transaction(engine) as connection:
            try:
                return command(connection)
            except ActHeld as refusal:
                refusal.hold()
                kept: Refused = refusal
            except Refused as refusal:
                if refusal.code == "version_conflict":
                    raise
                _record_refusal(connection, services, refusal, actor, now, _find(connection, task_id, number))
                kept = refusal
    except Refused:
        raise
    except MingjingError as failure:
        _record_incident(engine, services, failure, now, task_id, number)
        raise
    raise kept


def _find(connection: Connection, task_id: str | None, number: str | None) -> HotRow | None:
    if task_id is not None:
        return hot_by_task(connection, task_id)
    return hot_by_number(connection, number) if number is not None else None


def _record_refusal(
    connection: Connection,
    services: Services,
    refusal: Refused,
    actor: Actor | None,
    now: datetime,
    row: HotRow | None,
) -> None:
    if row is None or refusal.code in UNRECORDED or row.case_status in ("completed", "terminated"):
        return
    act = CaseAct(connection, services, row, now, actor)
    act.happened.extend(refusal.facts.get("happened", ()))
    act.record(
        "act_refused",
        getattr(row, "task_element_id", None),
        code=refusal.code,
        reason=refusal.message,
        missing=[d.material or d.pointer or d.code for d in refusal.details],
    )
    record_events(act)


def _record_incident(
    engine: Engine,
    services: Services,
    failure: MingjingError,
    now: datetime,
    task_id: str | None,
    number: str | None,
) -> None:
    log.error("incident", task=task_id, case=number, reason=str(failure))
    with transaction(engine) as connection:
        row = _find(connection, task_id, number)
        if row is not None:
            note_incident(connection, services, row, now, during="act", message=str(failure))


def note_incident(
    connection: Connection, services: Services, row: HotRow, now: datetime, *, during: str, message: str
) -> None:
    """Open an incident on a case and put it in the case's history; the task stays open.

    What fails again in the same way, however often somebody tries, is the same incident once more.
    """
    element = getattr(row, "task_element_id", None)
    about = {"case_id": row.case_id, "during": during, "element_id": element, "message": message[:2000]}
    same = [incident.c[name].is_not_distinct_from(value) for name, value in about.items()]
    again = update(incident).where(*same, incident.c.status == "open").values(times=incident.c.times + 1, last_at=now)
    if connection.execute(again).rowcount:
        return
    connection.execute(insert(incident).values(**about, at=now, status="open"))
    act = CaseAct(connection, services, row, now)
    act.note("incident_opened", element, during=during)
    record_events(act)


def case_row(connection: Connection, case_id: int) -> HotRow | None:
    return hot_by_id(connection, case_id)
