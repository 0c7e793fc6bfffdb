"""The one writer of an act: turns what the run did into rows and executes constant statements in a fixed order."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import LargeBinary, bindparam, delete, func, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from service.commands import documents, reentering, stopping
from service.commands.act import DATES, CaseAct
from service.commands.announcing import announce
from service.commands.departments import department_of, share
from service.commands.limits import note_alarms, note_passed_at_once, warns_for
from service.database.in_text import in_text
from service.database.rows import write_row, write_rows
from service.database.session import in_one_go
from service.database.tables import case, clock_stop, due_row, event, outbox, user_task
from service.engine import CASE_LIMIT_ROLES, ArmedTimer, OpenStep, Outcome
from service.errors import Refused
from service.history.chain import chained
from service.working_time import Limit

_UPDATE_CASE = (
    update(case)
    .where(case.c.id == bindparam("b_id"), case.c.version == bindparam("b_version"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "status",
                "outcome",
                "received_on",
                "accepted_on",
                "decided_on",
                "due_at",
                "closed_at",
                "version",
                "event_seq",
                "event_hash",
                "state",
                "actors",
            )
        }
        # A timer that only warns is no act: what can be taken back stays what it was.
        | {"previous_state": func.coalesce(bindparam("previous_state", type_=LargeBinary), case.c.previous_state)}
    )
)
_INSERT_EVENTS = insert(event)
_INSERT_TASKS = insert(user_task)
_ENDED_WITH = ("status", "answers", "completed_at", "completed_by", "assignee", "draft")
_END_TASKS = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_task_id"))
    .values({name: bindparam(name) for name in _ENDED_WITH})
)
_CANCEL_TASKS = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_task_id"))
    .values(status=in_text("cancelled"), completed_at=bindparam("completed_at"))
)


def _put_tasks(insert_or: Any) -> Any:
    """Begins the tasks that are not there and ends the one that is."""
    begun = insert_or(user_task)
    return begun.on_conflict_do_update(
        index_elements=[user_task.c.id], set_={name: begun.excluded[name] for name in _ENDED_WITH}
    )


_PUT_TASKS = {"sqlite": _put_tasks(sqlite.insert), "postgresql": _put_tasks(postgresql.insert)}
# What a task is; the rest is what becomes of it.
_OF_TASK = (
    "id",
    "element_id",
    "name_zh",
    "name_en",
    "post",
    "department",
    "form_key",
    "separation_group",
    "officers",
    "halts",
    "entered_at",
    "earliest_at",
    "due_at",
    "named",
    "claimed_at",
)
_BEFORE_ITS_END = {"answers": None, "completed_at": None, "completed_by": None}
_INSERT_DUE = insert(due_row)
_DELETE_DUE = delete(due_row).where(due_row.c.timer_id == bindparam("b_timer_id"))
_DELETE_DUE_ROW = delete(due_row).where(
    due_row.c.timer_id == bindparam("b_timer_id"), due_row.c.role == bindparam("b_role")
)
_PAUSE_DUE = (
    update(due_row)
    .where(due_row.c.timer_id == bindparam("b_timer_id"))
    .values(state=bindparam("state"), remaining=bindparam("remaining"))
)
_MOVE_DUE = (
    update(due_row)
    .where(due_row.c.timer_id == bindparam("b_timer_id"), due_row.c.role == bindparam("b_role"))
    .values(state=bindparam("state"), remaining=bindparam("remaining"), due_at=bindparam("due_at"))
)
_INSERT_OUTBOX = insert(outbox).inline()
_INSERT_STOPS = insert(clock_stop).inline()
_END_STOPS = (
    update(clock_stop)
    .where(clock_stop.c.task_id == bindparam("b_task_id"), clock_stop.c.ended_at.is_(None))
    .values(ended_at=bindparam("ended_at"))
)
_MOVE_STOP_PLANS = (
    update(clock_stop)
    .where(clock_stop.c.task_id == bindparam("b_task_id"), clock_stop.c.ended_at.is_(None))
    .values(planned_end_at=bindparam("planned_end_at"))
)


def settle(act: CaseAct, outcome: Outcome) -> list[dict[str, Any]]:
    """Write all that the act did; the alarms that subscribers raised. Every check must have passed before."""
    outcome = reentering.follow(act, outcome)
    _note_outcome(act, outcome)
    stopping.follow(act, outcome)
    if act.item is not None and act.item.made_on_entry:
        documents.make_on_entry(act, outcome.entered)
    note_passed_at_once(act, outcome)
    note_alarms(act, outcome)
    act.do_later()
    _collect_rows(act, outcome)
    documents.keep_due(act, _case_due(act, outcome))
    alarms = [
        alarm
        for subscriber in act.services.subscribers
        for alarm in subscriber(act.connection, act.facts, act.happened, act.now)
    ]
    for alarm in alarms:
        act.note("alarm_raised", alarm.get("element_id"), kind=alarm["kind"], colour=alarm["colour"], id=alarm["id"])
    announce(act)
    _write(act, outcome)
    return alarms


def _note_outcome(act: CaseAct, outcome: Outcome) -> None:
    for happening in outcome.happenings:
        element = happening.element
        if happening.kind == "timer" and element.role != "minimum":
            act.note("timer_fired", element.id, role=element.role, name=element.name_zh)
        elif happening.kind == "ended" and element.properties.get("outcome"):
            act.note("end_reached", element.id, outcome=element.properties["outcome"], name=element.name_zh)
    for step in outcome.entered:
        if step.element.kind in ("userTask", "receiveTask", "intermediateCatchEvent"):
            again = act.given_back[step.id].told if step.id in act.given_back else {}
            act.note("step_entered", step.element.id, name=step.element.name_zh, name_en=step.element.name_en, **again)
    was_halted = act.row.case_status == "halted"
    if outcome.halted and not was_halted:
        act.note("case_halted")
    elif was_halted and not outcome.halted:
        act.note("halt_lifted")
    if outcome.completed:
        act.note("case_closed", None, outcome=outcome.ended_with)


def _collect_rows(act: CaseAct, outcome: Outcome) -> None:
    pending = act.pending
    for step in outcome.entered:
        if step.element.kind == "userTask":
            pending.tasks.append(_task_row(act, step))
    ended = {row["b_task_id"] for row in pending.task_updates}
    left = (task_id for task_id in outcome.tasks_left if task_id not in ended)
    pending.task_cancels += [{"b_task_id": task_id, "completed_at": act.now} for task_id in left]
    pending.due_deletes += outcome.disarmed
    rows = [row for timer in outcome.armed for row in due_rows(act, timer)]
    rows = [row for row in rows if row["role"] not in act.warned.get(row["timer_id"], ())]
    known = {(row["timer_id"], row["role"]) for row in pending.due_rows}
    pending.due_rows += [row for row in rows if (row["timer_id"], row["role"]) not in known]
    paused = act.run.memory.get("paused", {})
    for row in pending.due_rows:
        if row["timer_id"] in paused:
            row["state"], row["remaining"] = 1, paused[row["timer_id"]][3]


def _task_row(act: CaseAct, step: OpenStep) -> dict[str, Any]:
    element, department = step.element, department_of(act, step.element)
    share(act, department)
    given = act.given_back.get(step.id)
    return {
        "id": step.id,
        "case_id": act.row.case_id,
        "element_id": element.id,
        "name_zh": element.name_zh,
        "name_en": element.name_en,
        "post": (element.post_from and act.run.lookup(element.post_from)) or element.post,
        "department": department,
        "form_key": element.properties.get("formKey", element.id),
        "separation_group": element.separation_group,
        "officers": int(element.properties.get("officers", "1")),
        "halts": element.properties.get("halts") == "case",
        "status": "open",
        "entered_at": act.now,
        "earliest_at": step.earliest_at,
        "due_at": step.due_at,
        "named": act.run.lookup(element.persons_from) if element.persons_from else None,
        "assignee": given.holder if given is not None else None,
        "claimed_at": given.claimed_at if given is not None else None,
        "draft": given.draft if given is not None else None,
    }


def due_rows(act: CaseAct, timer: ArmedTimer) -> list[dict[str, Any]]:
    """The row of an armed timer and, for a limit of the office, those of its blue and yellow warnings."""
    due = timer.due_at
    main = {
        "timer_id": timer.id,
        "role": timer.role or "move",
        "case_id": act.row.case_id,
        "element_id": timer.element.id,
        "step_id": timer.step.id,
        "due_at": due,
        "state": 0,
        "armed_at": act.now,
        "counted_from": timer.counted_from,
        "limit_value": timer.limit_value,
        "limit_unit": timer.limit_unit,
        "remaining": None,
    }
    warns = timer.role in CASE_LIMIT_ROLES or (timer.role == "step_limit" and warns_for(act, timer.step))
    if not warns or timer.limit_value is None or timer.limit_unit is None:
        return [main]
    limit = Limit(timer.limit_value, timer.limit_unit)  # type: ignore[arg-type]
    instants = stopping.warning_rows(act, limit, timer.counted_from, due)
    return [main, *({**main, "role": role, "due_at": at} for role, at in instants.items())]


def _write(act: CaseAct, outcome: Outcome) -> None:
    connection, pending, row = act.connection, act.pending, act.row
    events = chained(
        act.events, case_id=row.case_id, number=row.number, at=act.now, last=(row.event_seq, row.event_hash)
    )
    _update_case(act, outcome, events)
    with in_one_go(connection):
        _write_tasks(act)
        _write_due(act)
        if events:
            write_rows(connection, _INSERT_EVENTS, events)
        if pending.outbox:
            write_outbox(act)
        write_added(act)


def _write_tasks(act: CaseAct) -> None:
    """The task that ends and those that begin, in one statement where that is all there is to write.

    What is cancelled keeps its draft and its holder, for the step may be entered again.
    """
    connection, pending, row = act.connection, act.pending, act.row
    if pending.task_cancels:
        write_rows(connection, _CANCEL_TASKS, pending.task_cancels)
    acted = getattr(row, "task_id", None)
    if pending.tasks and [update["b_task_id"] for update in pending.task_updates] == [acted]:
        ended = {**pending.task_updates[0], "case_id": row.case_id}
        del ended["b_task_id"]
        ended |= {name: getattr(row, f"task_{name}") for name in _OF_TASK}
        begun = [{**_BEFORE_ITS_END, **task} for task in pending.tasks]
        write_rows(connection, _PUT_TASKS[connection.dialect.name], [ended, *begun])
        return
    if pending.task_updates:
        write_rows(connection, _END_TASKS, pending.task_updates)
    if pending.tasks:
        write_rows(connection, _INSERT_TASKS, pending.tasks)


def _update_case(act: CaseAct, outcome: Outcome, events: list[dict[str, Any]]) -> None:
    row, variables = act.row, act.run.variables
    status = _status(act, outcome)
    last = events[-1] if events else {"seq": row.event_seq, "hash": row.event_hash}
    touched = write_row(
        act.connection,
        _UPDATE_CASE,
        {
            "b_id": row.case_id,
            "b_version": row.version,
            "status": status,
            "outcome": outcome.ended_with,
            **{name: _date(variables.get(name)) or getattr(row, name) for name in DATES},
            "due_at": _case_due(act, outcome),
            "closed_at": act.now if outcome.completed else None,
            "version": row.version + 1,
            "event_seq": last["seq"],
            "event_hash": last["hash"],
            "state": act.run.dump(),
            "previous_state": row.state if act.actor is not None or outcome.entered or outcome.left else None,
            "actors": act.ledger_of_actors,
        },
    )
    if touched != 1:
        raise Refused(
            "version_conflict", "办件刚被他人改动，请刷新后重试", "Expected nobody else on the case, but it has changed"
        )


def _status(act: CaseAct, outcome: Outcome) -> str:
    if outcome.completed:
        return "terminated" if "ended_by" in act.run.memory else "completed"
    return "halted" if outcome.halted else "suspended" if act.run.suspended else "open"


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _case_due(act: CaseAct, outcome: Outcome) -> datetime | None:
    """The earlier of the promised and the statutory limit, as last armed or moved; one that has passed stays passed.

    While the case is suspended nobody knows when those that stand still will be due.
    """
    armed = [t.due_at for t in outcome.armed if t.role in CASE_LIMIT_ROLES]
    passed = [datetime.fromisoformat(at) for at in act.run.memory.get("passed", {}).values()]
    instants = armed or list(act.limits_moved.values())
    if act.run.suspended:
        instants = []
    elif not instants and act.row.case_due_at is not None:
        instants = [act.row.case_due_at]
    return min([*instants, *passed], default=None)


def _write_due(act: CaseAct) -> None:
    connection, pending, case_id = act.connection, act.pending, act.row.case_id
    if pending.due_deletes:
        write_rows(connection, _DELETE_DUE, [{"b_timer_id": timer_id} for timer_id in pending.due_deletes])
    if pending.due_row_deletes:
        write_rows(connection, _DELETE_DUE_ROW, pending.due_row_deletes)
    pauses = [u for u in pending.due_updates if u["b_role"] == "*"]
    moves = [u for u in pending.due_updates if u["b_role"] != "*"]
    if pauses:
        write_rows(connection, _PAUSE_DUE, [{k: u[k] for k in ("b_timer_id", "state", "remaining")} for u in pauses])
    if moves:
        write_rows(connection, _MOVE_DUE, moves)
    if pending.due_rows:
        common = {"case_id": case_id, "armed_at": act.now}
        write_rows(connection, _INSERT_DUE, [{**r, **common} for r in pending.due_rows])
    if pending.stops:
        write_rows(connection, _INSERT_STOPS, [{**s, "case_id": case_id} for s in pending.stops])
    if pending.stop_ends:
        write_rows(connection, _END_STOPS, pending.stop_ends)
    if pending.stop_plans:
        write_rows(connection, _MOVE_STOP_PLANS, pending.stop_plans)


def write_outbox(act: CaseAct) -> None:
    """The act's messages, due at once; a key that is there already stays as it is."""
    common = {"created_at": act.now, "next_at": act.now, "attempts": 0, "state": 0, "case_id": act.row.case_id}
    rows = [{**r, **common} for r in act.pending.outbox]
    write_rows(act.connection, _INSERT_OUTBOX, rows)


def write_added(act: CaseAct) -> None:
    """The rows that the act has put, a statement for each table."""
    for statement, rows in act.pending.added.items():
        write_rows(act.connection, statement, rows)
