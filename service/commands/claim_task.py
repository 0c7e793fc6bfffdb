"""Claiming a task (签收), giving it back to the pool (退签), saving a draft, the second officer's signature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.commands.act import CaseAct, require_not_suspended, require_open
from service.commands.complete_task import current_row, require_own_post, require_task, taken
from service.commands.held_acts import require_own_terminal
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.rows import read_rows, write_row
from service.database.tables import user_task
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.presence import require_presence
from service.people.queries import read_actor
from service.people.separation import group_conflict
from service.user_tasks.rules import (
    case_halted,
    permitted_holding,
    require_named,
    require_present,
    separation_refused,
)

_CLAIM = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_id"))
    .values(assignee=bindparam("assignee"), claimed_at=bindparam("claimed_at"))
)
_DRAFT = update(user_task).where(user_task.c.id == bindparam("b_id")).values(draft=bindparam("draft"))
_DRAFT_OF = select(user_task.c.draft).where(user_task.c.id == bindparam("task_id"))
_SIGN = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_id"))
    .values(signed_by=bindparam("signed_by"), signed_at=bindparam("signed_at"))
)


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


def sign_task(connection: Connection, services: Services, actor: Actor, task_id: str, now: datetime) -> int:
    """The second officer signs (两名执法人员). Both count for separation from then on.

    Signing again changes nothing. Raises Refused: not_permitted, separation_of_duty, task_taken (done already, or
    signed by somebody else), case_halted, case_closed, invalid_request.
    """
    act = _act(connection, services, actor, task_id, now)
    row = act.row
    if row.task_status != "open":
        require_task(act)
    require_open(row)
    if row.case_status == "halted":
        raise case_halted()
    require_not_suspended(act)
    if row.task_officers < 2:
        raise Refused("invalid_request", "本环节不需要第二人签字", "Expected a step of two officers, but one is enough")
    _require_second_officer(act, actor)
    require_presence(actor.presence, row.task_separation_group, row.presence)
    if row.task_signed_by == actor.person_id:
        return int(row.case_id)
    if row.task_signed_by is not None:
        raise taken(act, row.task_signed_by, row.task_signed_at, "signed")
    require_own_terminal(act, row.task_separation_group)
    write_row(connection, _SIGN, {"b_id": task_id, "signed_by": actor.person_id, "signed_at": now})
    act.count_for_separation(row.task_separation_group, act.persons())
    act.record("second_officer_signed", row.task_element_id, task=task_id, draft=row_digest(act, task_id))
    record_events(act)
    return int(row.case_id)


def _require_second_officer(act: CaseAct, actor: Actor) -> None:
    row = act.row
    if row.task_assignee == actor.person_id:
        raise Refused(
            "separation_of_duty",
            "签字人不能是本环节的经办人，须由另一名执法人员签字",
            "Expected a second officer, but the one who handles the step signs",
        )
    require_named(row.task_named, actor.person_id)
    act.holding = actor.holding_for(row.task_post, row.task_department)
    require_own_post(act)
    conflict = group_conflict(row.task_separation_group, act.persons(), act.actors)
    if conflict is not None:
        raise separation_refused(conflict)


def row_digest(act: CaseAct, task_id: str) -> str | None:
    """SHA-256 of the draft that lies before the signer, so that one can tell later what was signed."""
    draft = read_rows(act.connection, _DRAFT_OF, {"task_id": task_id})[0].draft
    if draft is None:
        return None
    text = json.dumps(draft, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _act(connection: Connection, services: Services, actor: Actor, task_id: str, now: datetime) -> CaseAct:
    return CaseAct(connection, services, current_row(connection, services, task_id, now), now, actor)
