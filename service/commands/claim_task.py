"""Claiming a task (签收), giving it back to the pool (退签), saving a draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, update

from service.commands.act import CaseAct
from service.commands.complete_task import current_row, require_task
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.rows import write_row
from service.database.tables import user_task
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.queries import read_actor
from service.user_tasks.rules import permitted_holding, require_present

_CLAIM = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_id"))
    .values(assignee=bindparam("assignee"), claimed_at=bindparam("claimed_at"))
)
_DRAFT = update(user_task).where(user_task.c.id == bindparam("b_id")).values(draft=bindparam("draft"))


def claim_task(connection: Connection, services: Services, actor: Actor, task_id: str, now: datetime) -> int:
    """Take a task from the pool; claiming one's own again changes nothing. The case's id.

    Raises Refused: task_taken, not_permitted, separation_of_duty, case_halted, case_closed, not_found.
    """
    act = _act(connection, services, actor, task_id, now)
    require_task(act)
    if act.row.task_assignee is None:
        require_present(actor, self_acts=True)
        _require_still_posted(act, actor)
        write_row(connection, _CLAIM, {"b_id": task_id, "assignee": actor.person_id, "claimed_at": now})
        act.record("task_claimed", act.row.task_element_id, task=task_id)
        record_events(act)
    return int(act.row.case_id)


def _require_still_posted(act: CaseAct, actor: Actor) -> None:
    """The person has the post now, not only when the request came in, and keeps it until the claim is made."""
    row, found = act.row, read_actor(act.connection, actor.person_id, act.now, keep=True)
    if found is None:
        raise Refused("not_permitted", "您的账户已停用", "Expected somebody in office, but the account has ended")
    permitted_holding(
        found,
        post=row.task_post,
        department=row.task_department,
        group=row.task_separation_group,
        actors=act.actors,
        task_id=row.task_id,
    )


def release_task(connection: Connection, services: Services, actor: Actor, task_id: str, now: datetime) -> int:
    """Give a claimed task back; its draft stays. Raises Refused as claiming does."""
    act = _act(connection, services, actor, task_id, now)
    require_task(act)
    if act.row.task_assignee is not None:
        write_row(connection, _CLAIM, {"b_id": task_id, "assignee": None, "claimed_at": None})
        act.record("task_released", act.row.task_element_id, task=task_id)
        record_events(act)
    return int(act.row.case_id)


def save_draft(
    connection: Connection, services: Services, actor: Actor, task_id: str, answers: Mapping[str, Any], now: datetime
) -> int:
    """Keep unfinished answers; they may be incomplete and wrong, but not oversize. No event: nothing has happened."""
    act = _act(connection, services, actor, task_id, now)
    require_task(act)
    problems = act.bundle.form(act.row.task_form_key).check_draft(answers)
    if problems:
        details = [Detail(p.code, p.code, p.code, pointer=p.pointer) for p in problems]
        raise Refused("invalid_answers", "草稿过大或格式不符", "Expected a draft of bounded size and shape", details)
    write_row(connection, _DRAFT, {"b_id": task_id, "draft": dict(answers)})
    return int(act.row.case_id)


def _act(connection: Connection, services: Services, actor: Actor, task_id: str, now: datetime) -> CaseAct:
    return CaseAct(connection, services, current_row(connection, services, task_id, now), now, actor)
