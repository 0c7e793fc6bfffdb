"""What must hold of the whole record whatever was done: chains, actors, tasks, due rows, numbers."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from service.commands.act import CaseAct
from service.commands.services import Services
from service.database.tables import (
    case,
    clock_stop,
    document,
    due_row,
    event,
    number_sequence,
    user_task,
)
from service.engine import CaseRun
from service.history.chain import first_broken
from service.reads.hot import hot_by_id
from service.reads.ledger_faults import ledger_faults
from service.user_tasks.opinions import SIGNING
from service.user_tasks.terminals import RULING, SEATS

_ENDED = ("completed", "terminated")
_OF_A_STEP = ("task_completed", "task_completed_too_early", "second_officer_signed", "task_sent_back")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)  # Nothing runs while a state is only looked at.


def loaded(connection: Connection, services: Services, case_id: int) -> CaseRun:
    """The case's run as its bytes say."""
    row = hot_by_id(connection, case_id)
    assert row is not None
    act = CaseAct(connection, services, row, _NOW)
    return CaseRun.load(act.bundle.model, act, _NOW, row.state)


def unsound(connection: Connection, services: Services) -> list[str]:
    """Sentences that say what does not hold; none if the record is sound."""
    found: list[str] = []
    for row in connection.execute(select(case).order_by(case.c.id)).all():
        found += [f"{row.number}: {words}" for words in of_case(connection, services, row)]
    found += [f"{fault.case}: {fault.words}" for fault in ledger_faults(connection)[1]]
    return found + list(_of_numbers(connection))


def of_case(connection: Connection, services: Services, row: Row[Any]) -> Iterator[str]:
    events = connection.execute(select(event).where(event.c.case_id == row.id).order_by(event.c.seq)).mappings().all()
    broken = first_broken(events, row.number)
    if broken is not None:
        yield f"the chain breaks at event {broken}"
    if events and (events[-1]["seq"], events[-1]["hash"]) != (row.event_seq, row.event_hash):
        yield f"the chain ends at {events[-1]['seq']}, the case says {row.event_seq}"
    done = {group: sorted(ids) for group, ids in row.actors.items() if group != SEATS}
    if done != (told := _actors_told(connection, events, row.id)):
        yield f"actors are {done}, the history tells {told}"
    run = loaded(connection, services, row.id)
    yield from _of_tasks(connection, row, run)
    yield from _of_due_rows(connection, row, run)


def _actors_told(connection: Connection, events: Any, case_id: int) -> dict[str, list[int]]:
    """{group: persons} by the events of acts that count for separation, delegates with their principals."""
    groups = dict(
        connection.execute(
            select(user_task.c.element_id, user_task.c.separation_group).where(user_task.c.case_id == case_id)
        ).all()
    )
    told: dict[str, set[int]] = defaultdict(set)
    for one in events:
        if one["kind"] == "case_started" and one["actor"] is not None:
            # Whoever issues an order has done none of its steps.
            issued = "source" in json.loads(one["payload"])
            group: str | None = None if issued else groups.get(one["element_id"]) or "accept"
        elif one["kind"] in ("fine_deferred", "surcharge_decided", "debt_written_off", "case_terminated"):
            group = "decide"
        elif one["kind"] in ("cash_received", "remittance_ordered"):
            group = "collect"
        elif one["kind"] == "document_printed":
            group = json.loads(one["payload"]).get("group")
        elif one["kind"] == "halt_ruled":
            group = RULING.get(one["post"]) if "held" in json.loads(one["payload"]) else None
        elif one["kind"] == "opinion_given":
            group = "review" if json.loads(one["payload"])["way"] in SIGNING else None
        elif one["kind"] in _OF_A_STEP:
            group = groups[one["element_id"]]
        else:
            continue
        if group is not None:
            told[group] |= {person for person in (one["actor"], one["principal"]) if person is not None}
    return {group: sorted(ids) for group, ids in told.items()}


def _of_tasks(connection: Connection, row: Row[Any], run: CaseRun) -> Iterator[str]:
    tasks = connection.execute(select(user_task).where(user_task.c.case_id == row.id)).all()
    open_rows = {task.id for task in tasks if task.status == "open"}
    if open_rows != {step.id for step in run.ready_steps()}:
        yield f"open tasks are {open_rows}, the engine's {run.ready_steps()}"
    if (row.status == "halted") != run.halted:
        yield f"it is {row.status}, but the engine says halted is {run.halted}"
    for task in tasks:
        if task.status == "completed" and (task.completed_by is None or task.answers is None):
            yield f"task {task.element_id} was completed by nobody or without answers"


def _of_due_rows(connection: Connection, row: Row[Any], run: CaseRun) -> Iterator[str]:
    rows = connection.execute(select(due_row).where(due_row.c.case_id == row.id)).all()
    if row.status in _ENDED and rows:
        yield f"it has ended with due rows {[(r.element_id, r.role) for r in rows]}"
    gone = [(r.element_id, r.role) for r in rows if r.role != "stop_end" and not run.has_timer(r.timer_id)]
    if gone:
        yield f"due rows {gone} have no timer in the engine"
    stops = connection.execute(
        select(clock_stop).where(clock_stop.c.case_id == row.id, clock_stop.c.ended_at.is_(None))
    ).all()
    if {stop.task_id for stop in stops} != set(run.memory.get("stops", {})):
        yield f"open stops are {[stop.element_id for stop in stops]}, the state keeps {run.memory.get('stops')}"
    paused = {r.timer_id for r in rows if r.state == 1}
    kept = {**run.memory.get("paused", {}), **run.memory.get("held", {})}
    if paused != set(kept) & {r.timer_id for r in rows}:
        yield f"paused rows are {paused}, the state keeps {kept}"


def _of_numbers(connection: Connection) -> Iterator[str]:
    """Numbers have no gaps: as many are drawn as are used."""
    drawn: Counter[str] = Counter()
    for scope, last in connection.execute(select(number_sequence.c.scope, number_sequence.c.last)):
        drawn[str(scope).split("/")[0]] += last
    # A ticket's number is printed on it by finance.
    numbered = select(func.count()).select_from(document).where(document.c.kind != "fine_ticket")
    used = {
        "case": connection.execute(select(func.count()).select_from(case)).scalar_one(),
        "document": connection.execute(numbered).scalar_one(),
    }
    for name, count in used.items():
        if drawn.get(name, 0) != count:
            yield f"{drawn.get(name, 0)} numbers are drawn for {count} rows of {name}"


def payloads(rows: Any) -> list[dict[str, Any]]:
    return [json.loads(row["payload"]) for row in rows]
