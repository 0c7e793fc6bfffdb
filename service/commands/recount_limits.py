"""Open limits counted anew after the calendar has changed: the cases are found in batches, each is an act of its own.

Both are messages of the outbox, so a worker that is killed goes on where it was. Counting twice changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.commands.act import CaseAct
from service.commands.calendar_versions import RECOUNT, RECOUNT_CASE, queue
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.commands.writing import settle
from service.database.tables import office_change, user_task
from service.engine import CASE_LIMIT_ROLES
from service.reads.hot import hot_by_id
from service.timers.due import ARMED
from service.timers.recounting import PAUSED, STOP_END, Recounted, recount, shares_of
from service.timers.touched import cases_touched, due_rows_of

BATCH = 200
_REASON = select(office_change.c.reason).where(office_change.c.id == bindparam("id"))
_TASK_INSTANTS = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_id"))
    .values(due_at=bindparam("due_at"), earliest_at=bindparam("earliest_at"))
)


def recount_limits(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """The next batch of cases that the change touches, a message for each, and one for the batch after it."""
    change = int(payload["change"])
    since, until = (datetime.fromisoformat(payload[name]) for name in ("since", "until"))
    cases = cases_touched(connection, since, until, after=int(payload["after"]), batch=BATCH)
    for case_id in cases:
        given = {"change": change, "case": case_id}
        queue(connection, RECOUNT_CASE, f"recount/{change}/case/{case_id}", given, now, case_id=case_id)
    if len(cases) == BATCH:
        further = {**payload, "after": cases[-1]}
        queue(connection, RECOUNT, f"recount/{change}/{cases[-1]}", further, now)


def recount_case(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """The limits of one case by the calendar as it is now; an event says what moved, if anything did."""
    row = hot_by_id(connection, int(payload["case"]))
    if row is None or row.case_status in ("completed", "terminated"):
        return
    act = CaseAct(connection, services, row, now)
    act.load()
    rows = due_rows_of(connection, [row.case_id])[row.case_id]
    moves = [
        move
        for move in recount(rows, act.run.memory, act.calendar, now, shares_of(row.blue_percent, row.yellow_percent))
        if move.role == STOP_END or act.run.has_timer(move.timer_id)
    ]
    if not moves:
        return
    states = {(one.timer_id, one.role): one.state for one in rows}
    for move in moves:
        _move(act, move, states)
    _keep_case_limits(act, rows, moves)
    reason = connection.execute(_REASON, {"id": payload["change"]}).scalar_one_or_none()
    told = [_told(move) for move in moves if move.moves_due and move.role != "minimum"]
    act.note("limits_recounted", None, change=payload["change"], reason=reason or "", moved=told)
    _tell_applicant(act, rows, moves, reason or "工作日历调整")
    act.later(lambda: _move_tasks(act))
    settle(act, act.run.outcome())


def _move(act: CaseAct, move: Recounted, states: dict[tuple[str, str], int]) -> None:
    if move.role == STOP_END and move.after is not None:
        act.run.memory["stops"][move.timer_id][2] = move.after.isoformat()
        act.pending.stop_plans.append({"b_task_id": move.timer_id, "planned_end_at": move.after})
    elif move.after is not None:
        act.run.resume_timer(move.timer_id, move.after)
    else:
        _keep_remaining(act, move)
    for role, due_at in move.rows.items():
        # What an incident holds up stays held up.
        state = states.get((move.timer_id, role), ARMED)
        row = {"b_timer_id": move.timer_id, "b_role": role, "state": state, "remaining": None, "due_at": due_at}
        act.pending.due_updates.append(row)


def _keep_remaining(act: CaseAct, move: Recounted) -> None:
    left = move.remaining
    act.run.pause_timer(move.timer_id, left)
    paused = act.run.memory.get("paused", {})
    if move.timer_id in paused:
        paused[move.timer_id][3] = left
    act.pending.due_updates.append(
        {"b_timer_id": move.timer_id, "b_role": "*", "state": PAUSED, "remaining": left, "due_at": None}
    )


def _keep_case_limits(act: CaseAct, rows: list[Any], moves: list[Recounted]) -> None:
    """The case is due with the earliest of its limits that run, moved or not."""
    moved = {move.timer_id: move.after for move in moves if move.after is not None}
    for row in rows:
        if row.role in CASE_LIMIT_ROLES and row.state != PAUSED:
            act.limits_moved[row.role] = moved.get(row.timer_id) or row.due_at


def _tell_applicant(act: CaseAct, rows: list[Any], moves: list[Recounted], reason: str) -> None:
    """Who applied hears of the day on which the case is due, if it moves; nobody of a step's, no party of a penalty."""
    if act.item is None or act.item.applicant_from:
        return
    moved = {(move.timer_id, move.role): move for move in moves if move.moves_due}
    limits = [row for row in rows if row.role in CASE_LIMIT_ROLES and row.state != PAUSED and row.due_at is not None]
    before = min((row.due_at for row in limits), default=None)
    after = min((_after(row, moved.get((row.timer_id, row.role))) for row in limits), default=None)
    if before is None or after is None or _last_day(act, before) == _last_day(act, after):
        return
    tell_applicant(act, "due_moved", reason=reason, before=_last_day(act, before), after=_last_day(act, after))


def _after(row: Any, move: Recounted | None) -> datetime:
    return move.after if move is not None and move.after is not None else row.due_at


def _last_day(act: CaseAct, due_at: datetime) -> str:
    """A limit in days ends at 24:00, which is the next day's first moment."""
    return act.calendar.local_date(due_at - timedelta(microseconds=1)).isoformat()


def _told(move: Recounted) -> dict[str, Any]:
    """For the history; a limit that stands still has no due instant before and after."""
    return {
        "step": move.step_id,
        "role": move.role,
        "before": move.before.isoformat() if move.before else None,
        "after": move.after.isoformat() if move.after else None,
    }


def _move_tasks(act: CaseAct) -> None:
    steps = [
        {"b_id": step.id, "due_at": step.due_at, "earliest_at": step.earliest_at} for step in act.run.ready_steps()
    ]
    if steps:
        act.connection.execute(_TASK_INSTANTS, steps)
