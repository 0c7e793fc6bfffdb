"""What all moves of a whole case have in common: a case of an item that stands as the move needs it, by who may."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from service.catalogue.suspension import cites_provision, law_of_another_kind
from service.commands.act import CaseAct, require_not_suspended
from service.commands.receive_message import open_case_act
from service.commands.services import Services
from service.database.tables import person, user_task
from service.errors import Detail, Refused
from service.notices.writing import Recipient, notify
from service.people.actor import Actor
from service.people.presence import require_presence
from service.people.separation import group_conflict
from service.reads.case_moves import case_subject
from service.user_tasks.moves import REVIEWING, Subject, require_move, require_reason
from service.user_tasks.rules import case_halted, separation_refused

_ASSIGNEES = select(user_task.c.id, user_task.c.separation_group, user_task.c.assignee).where(
    user_task.c.case_id == bindparam("case_id"), user_task.c.status == "open", user_task.c.assignee.is_not(None)
)
_PEOPLE = select(person.c.id, person.c.name, person.c.mobile).where(
    person.c.id.in_(bindparam("people", expanding=True)), person.c.active.is_(True)
)


def begin_case_move(
    connection: Connection,
    services: Services,
    actor: Actor,
    number: str,
    name: str,
    reason: str,
    now: datetime,
    *,
    suspended: bool = False,
) -> CaseAct:
    """The act of a move on a case that is neither closed nor halted, its state loaded; nothing is written yet.

    `suspended` says whether the move takes a suspended case too. Raises Refused: not_found, case_closed, case_halted,
    case_suspended, move_refused, not_permitted, invalid_request, second_factor_required.
    """
    act = open_case_act(connection, services, number, now, actor)
    if act.row.kind != "item":
        raise move_refused("只有权力事项的办件可以这样办理", "Expected a case of a power item")
    subject = case_subject(
        act.row.case_department, act.bundle, _approver(act) if name == "extend" else None, _reviewers(act)
    )
    move = require_move(actor, name, subject)
    if act.row.case_status == "halted":
        raise case_halted()
    if not suspended:
        require_not_suspended(act)
    require_reason(move, reason)
    require_presence(actor.presence, name, act.row.presence)
    _hold(act, actor, subject)
    act.load()
    return act


def move_refused(zh: str, en: str) -> Refused:
    """The case does not stand as the move needs it."""
    return Refused("move_refused", zh, en)


def require_before_decision(act: CaseAct) -> None:
    """Only the time from acceptance to decision is the decision's (行政许可法 Art. 42, 45)."""
    if act.row.accepted_on is None or act.row.decided_on is not None:
        raise move_refused("只能在受理之后、作出决定之前", "Expected an accepted case that is not decided yet")


def require_ground(act: CaseAct, basis: str) -> str:
    """The legal ground (法律依据): a law for this kind of case and its article. Raises Refused invalid_request."""
    cited = basis.strip()
    if not cited:
        raise no_ground("required", "/legal_basis", "须写明法律依据", "Name the ground of law")
    if (law := law_of_another_kind(cited, act.item.category if act.item is not None else None)) is not None:
        words = f"《{law}》不适用于本类事项", "The law cited is of another kind of case"
        raise no_ground("citation", "/legal_basis", *words)
    if not cites_provision(cited):
        words = "须写明法律名称和条款，如“行政许可法 第四十五条”", "Name the law and the article"
        raise no_ground("citation", "/legal_basis", *words)
    return cited


def no_ground(code: str, pointer: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail(code, zh, en, pointer=pointer)])


def require_no_conflict(act: CaseAct, group: str) -> None:
    """Raises Refused separation_of_duty where the person, or the principal, has done what excludes the group."""
    conflict = group_conflict(group, act.persons(), act.actors)
    if conflict is not None:
        raise separation_refused(conflict)


def tell_holders(act: CaseAct, kind: str, text: str) -> None:
    """A notice to everybody who has work on the case in hand, but for the one who acts."""
    own = act.actor.person_id if act.actor is not None else None
    rows = act.connection.execute(_ASSIGNEES, {"case_id": act.row.case_id}).all()
    ids = sorted({row.assignee for row in rows} - {own})
    found = act.connection.execute(_PEOPLE, {"people": ids}).all() if ids else []
    recipients = [Recipient(row.name, row.mobile, row.id) for row in found]
    words = f"办件 {act.row.number}：{text}"
    notify(act.connection, recipients, case_id=act.row.case_id, kind=kind, text=words, now=act.now, sms=False)


def _approver(act: CaseAct) -> str:
    rule = act.item.limits.get("extension") if act.item is not None else None
    if not rule:
        raise move_refused("本事项没有规定可以延长期限", "Expected an item whose limit may be extended")
    return str(rule["approver"])


def _reviewers(act: CaseAct) -> frozenset[int]:
    rows = act.connection.execute(_ASSIGNEES, {"case_id": act.row.case_id})
    return frozenset(row.assignee for row in rows if row.separation_group in REVIEWING)


def _hold(act: CaseAct, actor: Actor, subject: Subject) -> None:
    found = (actor.holding_for(post, subject.department) for post in sorted(subject.posts))
    act.holding = next((one for one in found if one is not None), None)
