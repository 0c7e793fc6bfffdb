"""A reviewer or decider sends a case back to an earlier step (退回) that its diagram allows; roles used stay used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.commands.act import CaseAct
from service.commands.checks import require_entry
from service.commands.held_acts import require_own_terminal
from service.commands.moving import begin_move
from service.commands.reentering import send_back_to
from service.commands.services import Services
from service.commands.telling_people import tell_people
from service.commands.writing import settle
from service.database.tables import user_task
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.user_tasks.rules import permitted_holding

_DONE = (
    select(user_task.c.id, user_task.c.element_id, user_task.c.completed_by)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at.desc(), user_task.c.entered_at.desc())
)
_OPEN = select(user_task.c.id, user_task.c.draft, user_task.c.assignee).where(
    user_task.c.case_id == bindparam("case_id"), user_task.c.status == "open"
)


@dataclass(frozen=True, slots=True)
class SendBack:
    """`to` is a step's id; None is the last one that was done of those allowed."""

    task_id: str
    to: str | None
    reason: str


def send_back(connection: Connection, services: Services, actor: Actor, command: SendBack, now: datetime) -> str:
    """The step that the case now stands at again; what it was answered lies there as a draft, for who did it then.

    Raises Refused: those of `begin_move`, separation_of_duty, invalid_request for a step that is not allowed, and what
    entering a step may be refused for.
    """
    act = begin_move(connection, services, actor, "send_back", command.task_id, command.reason, now)
    row = act.row
    act.holding = permitted_holding(
        actor,
        post=row.task_post,
        department=row.task_department,
        group=row.task_separation_group,
        actors=act.actors,
        task_id=row.task_id,
        assignee=row.task_assignee,
    )
    before = _before(act, command.to)
    require_own_terminal(act, row.task_separation_group)
    act.load()
    act.run.send_back(row.task_id, before.element_id)
    outcome = act.run.outcome()
    require_entry(act, outcome)
    open_ones = {one.id: one for one in connection.execute(_OPEN, {"case_id": row.case_id})}
    act.pending.task_updates += [_ended(act, open_ones[one]) for one in outcome.tasks_left]
    act.count_for_separation(row.task_separation_group, act.persons())
    act.record(
        "task_sent_back",
        row.task_element_id,
        task=row.task_id,
        to=before.element_id,
        reason=command.reason.strip(),
        cancelled=sorted(set(outcome.tasks_left) - {row.task_id}),
    )
    send_back_to(act, before.element_id, before.id)
    settle(act, outcome)
    beside = [open_ones[one].assignee for one in outcome.tasks_left]
    told = f"已被{actor.name}退回。理由：{command.reason.strip()}"
    tell_people(act, [before.completed_by, *beside], "task_sent_back", told, sms=True)
    return str(before.element_id)


def steps_allowed(act: CaseAct) -> list[Any]:
    """The steps to which this task may be sent back and that were done on this case, the last one first."""
    element = act.bundle.model.find(act.row.task_element_id)
    allowed = element.send_back_to if element is not None else ()
    found: dict[str, Any] = {}
    for row in act.connection.execute(_DONE, {"case_id": act.row.case_id}):
        if row.element_id in allowed:
            found.setdefault(row.element_id, row)
    return list(found.values())


def _before(act: CaseAct, wanted: str | None) -> Any:
    for one in steps_allowed(act):
        if wanted in (None, one.element_id):
            return one
    words = "流程图不允许退回到该环节，或该环节还没有办过", "Expected a step that the diagram allows and that was done"
    raise Refused("invalid_request", *words, [Detail("not_a_choice", *words, pointer="/to")])


def _ended(act: CaseAct, task: Any) -> dict[str, Any]:
    """The task itself is sent back, those beside it end with it; drafts stay with their rows."""
    own = task.id == act.row.task_id
    return {
        "b_task_id": task.id,
        "status": "returned" if own else "cancelled",
        "answers": None,
        "completed_at": act.now,
        "completed_by": act.actor.person_id if own and act.actor else None,
        "assignee": task.assignee,
        "draft": task.draft,
    }
