"""The second officer's signature (两名执法人员), bound to the content that lies before him."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
from service.people.separation import group_conflict
from service.user_tasks.rules import case_halted, require_named, separation_refused
from service.user_tasks.signature import draft_digest

_DRAFT_OF = select(user_task.c.draft).where(user_task.c.id == bindparam("task_id"))
_SIGN = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("signed_by", "signed_at", "signed_digest")})
)


@dataclass(frozen=True, slots=True)
class SignShown:
    """`shown` is the digest of what the page showed the signer; None where it showed nothing."""

    task_id: str
    shown: str | None


def sign_task(connection: Connection, services: Services, actor: Actor, task_id: str, now: datetime) -> int:
    """The second officer signs what lies in the task; both count for separation from then on. The case's id.

    Where nothing lies there nothing is bound, and the event says so. Signing the same again changes nothing; another
    content is signed anew by who has signed. Raises Refused: not_permitted, separation_of_duty, task_taken (done
    already, or signed by somebody else), case_halted, case_closed, invalid_request.
    """
    act = _begun(connection, services, actor, task_id, now)
    return _sign(act, actor, _content(act))


def sign_as_shown(connection: Connection, services: Services, actor: Actor, command: SignShown, now: datetime) -> int:
    """Sign exactly what a page has shown. Raises Refused as signing does, and control_node_missing where nothing is
    written yet, version_conflict where it has been changed meanwhile.
    """
    act = _begun(connection, services, actor, command.task_id, now)
    content = _content(act)
    if content is None:
        words = "经办人尚未填写，没有可签的内容：请其先存草稿", "Expected a draft to sign, but nothing is written yet"
        raise Refused("control_node_missing", *words, [Detail("draft_missing", *words, pointer="/draft")])
    if command.shown != content:
        words = "内容已有改动，请看过后再签字", "Expected the content that was shown, but it has been changed since"
        raise Refused("version_conflict", *words)
    return _sign(act, actor, content)


def _begun(connection: Connection, services: Services, actor: Actor, task_id: str, now: datetime) -> CaseAct:
    """The act of one who may sign here, its state loaded."""
    act = CaseAct(connection, services, current_row(connection, services, task_id, now), now, actor)
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
    if row.task_signed_by not in (None, actor.person_id):
        raise taken(act, row.task_signed_by, row.task_signed_at, "signed")
    act.load()
    return act


def _sign(act: CaseAct, actor: Actor, content: str | None) -> int:
    row, again = act.row, act.row.task_signed_by is not None
    if again and content in (None, row.task_signed_digest):
        return int(row.case_id)
    require_own_terminal(act, row.task_separation_group)
    values = {"signed_by": actor.person_id, "signed_at": act.now, "signed_digest": content}
    write_row(act.connection, _SIGN, {"b_id": row.task_id, **values})
    act.count_for_separation(row.task_separation_group, act.persons())
    told = {"task": row.task_id, "draft": content, **({"renewed": True} if again else {})}
    act.record("second_officer_signed", row.task_element_id, **told)
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


def _content(act: CaseAct) -> str | None:
    """The digest of what lies before the signer."""
    draft = read_rows(act.connection, _DRAFT_OF, {"task_id": act.row.task_id})[0].draft
    return draft_digest(act.bundle.form(act.row.task_form_key), draft, act.run.lookup, act.today, act.calendar)
