"""Who did the last act takes it back (撤回) while nobody has acted since and nothing has left the house by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, select, update

from service.commands.act import CaseAct, require_open
from service.commands.complete_task import current_row
from service.commands.limits import WARNINGS
from service.commands.moving import subject_of
from service.commands.services import Services
from service.commands.writing import due_rows, settle
from service.database.tables import case, event, notice, user_task
from service.engine import CASE_LIMIT_ROLES, ArmedTimer, CaseRun, Outcome
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.presence import require_presence
from service.timers.recounting import COUNTED_UNITS, due_of
from service.user_tasks.eligibility import NOBODY, SOMEBODY
from service.user_tasks.moves import require_move, require_reason
from service.user_tasks.rules import case_halted
from service.working_time import Limit

_EVENTS = select(event).where(event.c.case_id == bindparam("case_id")).order_by(event.c.seq.desc())
_PREVIOUS = select(case.c.previous_state).where(case.c.id == bindparam("case_id"))
_ANSWERS = select(user_task.c.answers).where(user_task.c.id == bindparam("task_id"))
_TOLD = select(
    exists().where(
        notice.c.case_id == bindparam("case_id"),
        notice.c.recipient.is_(None),
        notice.c.created_at >= bindparam("since"),
        # A change of the calendar is told to everybody whose day it moves; it comes of no act on the case.
        notice.c.kind != "applicant_due_moved",
    )
)
_UNSIGN = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_id"))
    .values(signed_by=None, signed_at=None, signed_digest=None)
)
# What an act brings about, or what may happen after it, without standing in the way.
_HARMLESS = frozenset(
    [
        *"step_entered limit_moved limits_recounted alarm_raised act_refused task_urged slip_corrected".split(),
        NOBODY,
        SOMEBODY,
    ]
)
_SINCE: Mapping[str, tuple[str, str]] = {
    "document_made": ("已生成文书并编号", "a document was made and numbered"),
    "payment_notice_made": ("已开具缴款通知书", "a payment notice was made"),
    "payment_received": ("已缴款", "a payment has come in"),
    "payment_reversed": ("缴款已被银行冲正", "the bank has taken a payment back"),
    "case_accepted": ("已受理", "the case was accepted"),
    "decision_published": ("决定已公开", "the decision was published"),
    "clock_stopped": ("已停表", "the clock was stopped"),
    "clock_resumed": ("已恢复计时", "the clock was started again"),
    "timer_fired": ("已有时限到时", "a timer has fired"),
    "limit_reached": ("已有时限到时", "a limit was reached"),
}


def take_back(
    connection: Connection, services: Services, actor: Actor, task_id: str, reason: str, now: datetime
) -> None:
    """The case as it was before the act, with the same timers; what was answered lies in the task as a draft.

    The roles used stay used. Raises Refused: not_found, case_closed, case_halted, not_permitted, invalid_request,
    second_factor_required, and cannot_take_back with a detail for each thing that stands in the way.
    """
    act = CaseAct(connection, services, current_row(connection, services, task_id, now), now, actor)
    row = act.row
    require_open(row)
    if row.case_status == "halted":
        raise case_halted()
    require_reason(require_move(actor, "take_back", subject_of(act)), reason)
    require_presence(actor.presence, "take_back", row.presence)
    act.load()
    earlier = _earlier(act)
    in_the_way = _in_the_way(act, earlier)
    if earlier is None or in_the_way:
        raise _refused(in_the_way)
    _restore(act, earlier, reason.strip())


def _earlier(act: CaseAct) -> CaseRun | None:
    """The run before this act; None where the state that is kept is not the one that the act found."""
    packed = act.connection.execute(_PREVIOUS, {"case_id": act.row.case_id}).scalar_one()
    run = CaseRun.load(act.bundle.model, act, act.now, packed) if packed is not None else None
    return run if run is not None and run.is_ready(act.row.task_id) else None


def _in_the_way(act: CaseAct, earlier: CaseRun | None) -> list[tuple[str, str]]:
    row = act.row
    found = dict.fromkeys(_since(act))
    since = {"case_id": row.case_id, "since": row.task_completed_at}
    if act.connection.execute(_TOLD, since).scalar_one():
        found[("已通知申请人", "the applicant was told")] = None
    if earlier is None:
        found.setdefault(("其后办件已有变化", "the case has gone on since"))
    elif {step.id for step in earlier.ready_steps()} - {row.task_id} - {step.id for step in act.run.ready_steps()}:
        found[("其他环节已随之终止", "other steps have ended by it")] = None
    elif _case_limits(earlier) != _case_limits(act.run):
        found[("办件时限已起算或已停止", "a limit of the case has begun or ended by it")] = None
    return list(found)


def _since(act: CaseAct) -> list[tuple[str, str]]:
    """What has happened since the act, and by it, in words."""
    found: list[tuple[str, str]] = []
    for one in act.connection.execute(_EVENTS, {"case_id": act.row.case_id}):
        if one.kind == "task_completed" and json.loads(one.payload).get("task") == act.row.task_id:
            return found[::-1]
        if one.kind in _HARMLESS:
            continue
        acted = (f"{one.actor_name}已办理", f"{one.actor_name} has acted")
        found.append(_SINCE.get(one.kind, acted if one.actor else ("其后办件已有变化", "the case has gone on since")))
    return found[::-1]


def _case_limits(run: CaseRun) -> set[str]:
    return {timer.id for timer in run.armed() if timer.role in CASE_LIMIT_ROLES}


def _refused(in_the_way: list[tuple[str, str]]) -> Refused:
    said_zh, said_en = "；".join(zh for zh, _ in in_the_way), "; ".join(en for _, en in in_the_way)
    details = [Detail("in_the_way", zh, en) for zh, en in in_the_way]
    return Refused(
        "cannot_take_back", f"不能撤回：{said_zh}", f"Expected nothing since the act, but {said_en}", details
    )


def _by_todays_calendar(act: CaseAct, timer: ArmedTimer) -> ArmedTimer:
    """A timer that comes back is due as if it had never gone."""
    since = act.row.task_entered_at
    if timer.limit_value is None or timer.limit_unit not in COUNTED_UNITS:
        return timer if timer.limit_value is not None else replace(timer, counted_from=since)
    limit = Limit(timer.limit_value, timer.limit_unit)  # type: ignore[arg-type]
    due = due_of(timer.role, timer.id, limit, timer.counted_from, since, act.run.memory, act.calendar)
    act.run.resume_timer(timer.id, due)
    return replace(timer, due_at=due)


def _restore(act: CaseAct, earlier: CaseRun, reason: str) -> None:
    row, later = act.row, act.run
    here, there = {t.id: t for t in later.armed()}, {t.id: t for t in earlier.armed()}
    steps_before = {s.id for s in earlier.ready_steps()}
    entered = {s.id: s.element.id for s in later.ready_steps() if s.id not in steps_before}
    act.run = earlier
    answers = act.connection.execute(_ANSWERS, {"task_id": row.task_id}).scalar_one()
    again = {"b_task_id": row.task_id, "status": "open", "answers": None, "completed_at": None, "completed_by": None}
    act.pending.task_updates.append({**again, "assignee": row.task_completed_by, "draft": answers})
    for timer_id in there.keys() & here.keys():
        # What has moved since, by a change of the calendar for example, stays moved.
        earlier.resume_timer(timer_id, here[timer_id].due_at)
    for timer_id in sorted(there.keys() - here.keys()):
        timer = _by_todays_calendar(act, there[timer_id])
        # What had warned before the act has warned; a minimum that the act itself fired fires again.
        act.pending.due_rows += [
            r for r in due_rows(act, timer) if r["role"] not in WARNINGS or r["due_at"] >= row.task_completed_at
        ]
    act.record("task_taken_back", row.task_element_id, task=row.task_id, reason=reason, cancelled=sorted(entered))
    gone = tuple(sorted(here.keys() - there.keys()))
    settle(act, Outcome((), tuple(entered), tuple(entered), (), gone, (), False, False, None, entered))
    if row.task_officers > 1:
        act.connection.execute(_UNSIGN, {"b_id": row.task_id})
