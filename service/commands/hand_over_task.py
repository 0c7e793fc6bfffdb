"""Somebody else does a task: the head of section hands it on (转办), or its holder lends it until a day (委托代办)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, update

from service.commands.act import CaseAct
from service.commands.moving import begin_move, other_person
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.telling_people import tell_people
from service.database.tables import delegation, user_task
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.separation import BUSINESS_POSTS, group_conflict
from service.user_tasks.rules import permitted_holding, separation_refused

# A task that is away for longer than this is handed on, not lent.
LONGEST_LOAN = timedelta(days=90)
_ASSIGN = (
    update(user_task)
    .where(user_task.c.id == bindparam("b_id"))
    .values(assignee=bindparam("assignee"), claimed_at=bindparam("claimed_at"))
)
_LEND = insert(delegation)
_TAKE_BACK = (
    update(delegation)
    .where(delegation.c.task_id == bindparam("b_task_id"), delegation.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class TransferTask:
    task_id: str
    person_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class DelegateTask:
    """`until` is the instant from which the delegate may no longer act."""

    task_id: str
    person_id: int
    until: datetime
    reason: str


def transfer_task(
    connection: Connection, services: Services, actor: Actor, command: TransferTask, now: datetime
) -> None:
    """The task is the receiver's from now on; entry, due instants, clock and draft stay as they are.

    Raises Refused: those of `begin_move`, separation_of_duty where an act on this case excludes the receiver.
    """
    act = begin_move(connection, services, actor, "transfer", command.task_id, command.reason, now)
    receiver = other_person(act, command.person_id)
    before = act.row.task_assignee
    require_able(act, receiver)
    if before == receiver.person_id:
        words = "该人员已在办理本环节", "Expected another person than the one who has the task"
        raise Refused("invalid_request", *words, [Detail("has_it", *words, pointer="/person")])
    assign(act, receiver)
    _record(act, "task_transferred", command.reason, receiver, before=before)
    tell_people(act, [receiver.person_id], "task_transferred", f"已转给您办理。理由：{command.reason}", sms=True)
    tell_people(act, [before], "task_transferred", f"已转给{receiver.name}办理。理由：{command.reason}")


def delegate_task(
    connection: Connection, services: Services, actor: Actor, command: DelegateTask, now: datetime
) -> None:
    """Another does one's task until an instant, for its holder: both count for separation from that act on.

    Raises Refused as `transfer_task`.
    """
    act = begin_move(connection, services, actor, "delegate", command.task_id, command.reason, now)
    delegate = other_person(act, command.person_id)
    if not now < command.until <= now + LONGEST_LOAN:
        words = "委托须有期限：在今天之后、90 天之内", "Expected an end after now and within 90 days"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/until")])
    _require_loan(act, delegate)
    row = act.row
    connection.execute(_TAKE_BACK, {"b_task_id": command.task_id, "now": now})
    loan = {"principal_id": actor.person_id, "delegate_id": delegate.person_id, "post": row.task_post}
    loan |= {"department": row.task_department, "task_id": command.task_id, "reason": command.reason.strip()}
    connection.execute(_LEND, {**loan, "starts_at": now, "ends_at": command.until, "created_at": now})
    _record(act, "task_delegated", command.reason, delegate, until=command.until.isoformat())
    told = f"{actor.name}委托您代办至 {_local(act, command.until)}。理由：{command.reason}"
    tell_people(act, [delegate.person_id], "task_delegated", told, sms=True)


def _local(act: CaseAct, at: datetime) -> str:
    return at.astimezone(act.calendar.zone).strftime("%Y-%m-%d %H:%M")


def _record(act: CaseAct, kind: str, reason: str, person: Actor, **more: object) -> None:
    """`before` and `person` are ids of persons."""
    row = act.row
    given = {"task": row.task_id, "person": person.person_id, "person_name": person.name, "reason": reason.strip()}
    act.record(kind, row.task_element_id, **given, **more)
    record_events(act)


def assign(act: CaseAct, receiver: Actor) -> None:
    """The task is the receiver's; what was lent of it is taken back."""
    task_id = act.row.task_id
    act.connection.execute(_ASSIGN, {"b_id": task_id, "assignee": receiver.person_id, "claimed_at": act.now})
    act.connection.execute(_TAKE_BACK, {"b_task_id": task_id, "now": act.now})


def require_able(act: CaseAct, receiver: Actor) -> None:
    """The receiver holds the post and is excluded by nothing, not even by a signature as the second officer."""
    row = act.row
    if receiver.holding_for(row.task_post, row.task_department) is None:
        raise Refused("not_permitted", "该人员的岗位不办理本环节", f"Expected a holder of the post {row.task_post}")
    holding = permitted_holding(
        receiver,
        post=row.task_post,
        department=row.task_department,
        group=row.task_separation_group,
        actors=act.actors,
    )
    if row.task_officers > 1 and holding.principal_id is not None:
        raise _not_lent()
    if row.task_signed_by == receiver.person_id:
        raise Refused(
            "separation_of_duty",
            "该人员已作为第二名人员签字，不能再经办本环节",
            "Expected another person than the second officer, who has signed",
        )


def _not_lent() -> Refused:
    return Refused(
        "not_permitted",
        "两人办理的环节须由本人具备该岗位的人员办理，不得受托",
        "Expected a holder of the post, not a delegate, for a step of two officers",
    )


def _require_loan(act: CaseAct, delegate: Actor) -> None:
    """Only what is one's own can be lent, and only to a colleague of the department whom nothing excludes."""
    row, actor = act.row, act.actor
    own = actor is not None and any(
        h.serves(row.task_post, row.task_department) and h.principal_id is None for h in actor.holdings
    )
    if row.task_officers > 1 or not own or row.task_post not in BUSINESS_POSTS or row.task_halts:
        raise _not_lent()
    if not any(h.department == row.task_department and h.post in BUSINESS_POSTS for h in delegate.holdings):
        raise Refused("not_permitted", "受托人须在本部门任职", "Expected somebody with a post in the department")
    conflict = group_conflict(row.task_separation_group, [delegate.person_id], act.actors)
    if conflict is not None:
        raise separation_refused(conflict)
