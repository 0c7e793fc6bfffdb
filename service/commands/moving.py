"""What all moves of a task have in common: the task open, the way permitted, the reason given."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.commands.act import CaseAct, require_not_suspended, require_open
from service.commands.complete_task import current_row, taken
from service.commands.services import Services
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.presence import require_presence
from service.people.queries import read_actor
from service.user_tasks.moves import Subject, require_move, require_reason
from service.user_tasks.rules import case_halted, require_present


def begin_move(
    connection: Connection, services: Services, actor: Actor, name: str, task_id: str, reason: str, now: datetime
) -> CaseAct:
    """The act of a move on an open task of a running case, due timers fired first; nothing is written yet.

    Raises Refused: not_found, task_taken, case_closed, case_halted, not_permitted, invalid_request,
    second_factor_required.
    """
    act = CaseAct(connection, services, current_row(connection, services, task_id, now), now, actor)
    row = act.row
    require_open(row)
    if row.case_status == "halted":
        raise case_halted()
    require_not_suspended(act)
    if row.task_status != "open":
        raise taken(act, row.task_completed_by, row.task_completed_at, "completed")
    require_reason(require_move(actor, name, subject_of(act)), reason)
    require_presence(actor.presence, name, row.presence)
    return act


def subject_of(act: CaseAct) -> Subject:
    """The task as the rule who may sees it."""
    row = act.row
    return Subject(
        row.task_department,
        row.kind,
        row.task_post,
        row.task_separation_group,
        row.task_assignee,
        row.task_halts,
        row.task_completed_by,
    )


def other_person(act: CaseAct, person_id: int, pointer: str = "/person") -> Actor:
    """Somebody else who is active, with the posts held and lent now; `pointer` leads to where the person was named.

    Raises Refused not_found, invalid_request.
    """
    if act.actor is not None and person_id == act.actor.person_id:
        words = "请选择另一人，不能是本人", "Expected another person than oneself"
        raise Refused("invalid_request", *words, [Detail("oneself", *words, pointer=pointer)])
    found = read_actor(act.connection, person_id, act.now)
    if found is None:
        raise not_found("该人员", f"person {person_id}")
    require_present(found)
    return found
