"""请假: who is away hands his open tasks to his stand-in (AB角) or back to the pool; coming back early ends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from service.commands.act import CaseAct
from service.commands.calendar_versions import queue
from service.commands.check_staff import ask_for_checks_of_leave
from service.commands.complete_task import current_row
from service.commands.hand_over_task import assign, require_able
from service.commands.leave_opinions import move_opinion, queue_opinions
from service.commands.office_changes import stated
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.telling_people import tell_people
from service.database.tables import delegation, leave, person, user_task
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import read_actor

BEGIN, MOVE_TASK = "begin_leave", "move_task_of_leave"
LONGEST_DAYS = 366
_PERSON = select(person.c.id, person.c.name, person.c.department).where(
    person.c.id == bindparam("person_id"), person.c.active.is_(True)
)
_LOCK = _PERSON.with_for_update()
_LEAVE = select(leave).where(leave.c.id == bindparam("id"))
_ACROSS = select(leave.c.id).where(
    leave.c.person_id == bindparam("person_id"),
    leave.c.ended_at.is_(None),
    leave.c.starts_at < bindparam("ends_at"),
    leave.c.ends_at > bindparam("starts_at"),
)
_END = (
    update(leave)
    .where(leave.c.id == bindparam("b_id"), leave.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"), ended_by=bindparam("by"))
)
_IN_HAND = (
    select(user_task.c.id, user_task.c.case_id)
    .where(user_task.c.assignee == bindparam("person_id"), user_task.c.status == "open")
    .order_by(user_task.c.case_id, user_task.c.id)
)
# Stand-ins for given dates: whom the person has lent the task's post to, or this task alone.
_LENT_TO = (
    select(delegation.c.delegate_id)
    .where(
        delegation.c.principal_id == bindparam("person_id"),
        delegation.c.post == bindparam("post"),
        delegation.c.department == bindparam("department"),
        or_(delegation.c.task_id.is_(None), delegation.c.task_id == bindparam("task_id")),
        delegation.c.revoked_at.is_(None),
        delegation.c.starts_at <= bindparam("now"),
        delegation.c.ends_at > bindparam("now"),
    )
    .order_by(delegation.c.id)
)
_TO_POOL = update(user_task).where(user_task.c.id == bindparam("b_id")).values(assignee=None, claimed_at=None)


@dataclass(frozen=True, slots=True)
class EnterLeave:
    """Both days are days of the leave. `stand_in` holds the same posts, or was lent them; None leaves it to loans."""

    person_id: int
    starts_on: date
    ends_on: date
    reason: str
    stand_in: int | None = None


def enter_leave(connection: Connection, services: Services, actor: Actor, command: EnterLeave, now: datetime) -> int:
    """Enter a leave; from its first instant on the worker moves the tasks. Its number.

    Raises Refused: not_permitted, not_found, invalid_request.
    """
    found = connection.execute(_LOCK, {"person_id": command.person_id}).one_or_none()
    if found is None:
        raise not_found("该人员", f"person {command.person_id}")
    require_may_enter(actor, found.id, found.department)
    reason = stated(command.reason)
    calendar = services.calendars.get(connection)
    _require_days(command, calendar.local_date(now))
    starts_at = max(datetime.combine(command.starts_on, time(), calendar.zone), now)
    ends_at = datetime.combine(command.ends_on + timedelta(days=1), time(), calendar.zone)
    _require_free(connection, command.person_id, starts_at, ends_at)
    _require_stand_in(connection, command, found.department, (starts_at, ends_at))
    row = {"person_id": found.id, "stand_in": command.stand_in, "starts_at": starts_at, "ends_at": ends_at}
    row |= {"reason": reason, "entered_by": actor.person_id, "entered_at": now}
    leave_id = int(connection.execute(insert(leave).returning(leave.c.id), row).scalar_one())
    queue(connection, BEGIN, f"{BEGIN}/{leave_id}", {"leave": leave_id}, now, at=starts_at)
    return leave_id


def end_leave(connection: Connection, actor: Actor, leave_id: int, now: datetime) -> None:
    """Back early (销假), or not going: nothing more is moved. Raises Refused: not_found, not_permitted, leave_ended."""
    row = connection.execute(_LEAVE, {"id": leave_id}).one_or_none()
    found = connection.execute(_PERSON, {"person_id": row.person_id}).one_or_none() if row is not None else None
    if row is None or found is None:
        raise not_found("该请假", f"leave {leave_id}")
    require_may_enter(actor, found.id, found.department)
    ended = row.ends_at <= now
    if ended or not connection.execute(_END, {"b_id": leave_id, "now": now, "by": actor.person_id}).rowcount:
        raise Refused("leave_ended", "该请假已结束", "Expected a leave that goes on or is to come, but it has ended")
    if row.starts_at <= now:
        about = SimpleNamespace(id=leave_id, person_id=row.person_id, name=found.name)
        ask_for_checks_of_leave(connection, about, now, back=None)


def require_may_enter(actor: Actor, person_id: int, department: str) -> None:
    """Oneself, a leader of the department, or the security administrator. Raises Refused not_permitted."""
    if person_id != actor.person_id and not may(actor, "enter_leave", department):
        raise Refused(
            "not_permitted",
            "请假由本人、本部门负责人或者安全管理员登记",
            "Expected oneself, a leader of the department or the security administrator",
        )


def begin_leave(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message: a leave has begun; a message for each task and opinion that its person has in hand.

    The cases that the person could do steps of are looked at afterwards, and again when the leave is over (无人可办).
    """
    row = _going_on(connection, payload, now)
    if row is None:
        return
    for task in connection.execute(_IN_HAND, {"person_id": row.person_id}).all():
        given = {"leave": row.id, "task": task.id}
        queue(connection, MOVE_TASK, f"{MOVE_TASK}/{row.id}/{task.id}", given, now, case_id=task.case_id)
    queue_opinions(connection, row, now)
    ask_for_checks_of_leave(connection, row, now, back=row.ends_at)


def move_task_of_leave(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message: one task goes to the stand-in whom nothing excludes, else back to the pool; its draft stays.

    Nothing happens to one that somebody else has meanwhile, or that is done. Halted and suspended cases too.
    """
    row = _going_on(connection, payload, now)
    if row is None:
        return
    act = CaseAct(connection, services, current_row(connection, services, payload["task"], now), now)
    if act.row.task_status != "open" or act.row.task_assignee != row.person_id:
        return
    receiver = next(_able(act, row), None)
    given = {"task": act.row.task_id, "from": row.person_id, "from_name": row.name, "reason": row.reason}
    if receiver is None:
        connection.execute(_TO_POOL, {"b_id": act.row.task_id})
        act.note("task_returned_for_leave", act.row.task_element_id, **given)
    else:
        assign(act, receiver)
        given |= {"person": receiver.person_id, "person_name": receiver.name}
        act.note("task_moved_for_leave", act.row.task_element_id, **given)
    record_events(act)
    if receiver is not None:
        told = f"{row.name}请假，由您代为办理"
        tell_people(act, [receiver.person_id], "task_moved_for_leave", told, sms=True)


def move_opinion_of_leave(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message: one opinion that was asked of somebody on leave."""
    row = _going_on(connection, payload, now)
    if row is not None:
        move_opinion(connection, services, row, int(payload["opinion"]), now)


def _going_on(connection: Connection, payload: dict[str, Any], now: datetime) -> Any:
    statement = select(leave, person.c.name).join(person, person.c.id == leave.c.person_id)
    row = connection.execute(statement.where(leave.c.id == int(payload["leave"]))).one()
    return row if row.ended_at is None and row.starts_at <= now < row.ends_at else None


def _able(act: CaseAct, row: Any) -> Iterator[Actor]:
    """Those who may take the task on, the stand-in of this leave first, then those to whom the post is lent."""
    task = act.row
    asked = {"person_id": row.person_id, "post": task.task_post, "department": task.task_department}
    lent = act.connection.execute(_LENT_TO, {**asked, "task_id": task.task_id, "now": act.now}).scalars().all()
    for person_id in dict.fromkeys([*([row.stand_in] if row.stand_in else []), *lent]):
        found = read_actor(act.connection, person_id, act.now)
        if found is None or found.on_leave:
            continue
        try:
            require_able(act, found)
        except Refused:
            continue
        yield found


def _require_days(command: EnterLeave, today: date) -> None:
    if not today <= command.starts_on <= command.ends_on:
        words = (
            "请假自今日或以后起，止日不早于起日",
            "Expected a leave from today on that does not end before it begins",
        )
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/starts_on")])
    if (command.ends_on - command.starts_on).days > LONGEST_DAYS:
        words = f"请假最长 {LONGEST_DAYS} 天", f"Expected a leave of at most {LONGEST_DAYS} days"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/ends_on")])


def _require_free(connection: Connection, person_id: int, starts_at: datetime, ends_at: datetime) -> None:
    span = {"person_id": person_id, "starts_at": starts_at, "ends_at": ends_at}
    if connection.execute(_ACROSS, span).first() is not None:
        words = "该人员这几天已登记请假", "Expected days on which no leave is entered yet"
        raise Refused("invalid_request", *words, [Detail("leave_overlaps", *words, pointer="/starts_on")])


def _require_stand_in(
    connection: Connection, command: EnterLeave, department: str, span: tuple[datetime, datetime]
) -> None:
    """Of the same department and there on all those days: of two who stand in for each other one stays (AB 角)."""
    if command.stand_in is None:
        return
    known = connection.execute(_PERSON, {"person_id": command.stand_in}).one_or_none()
    if command.stand_in == command.person_id or known is None:
        words = "代办人须为另一名在岗人员", "Expected another active person as the stand-in"
        raise Refused("invalid_request", *words, [Detail("not_found", *words, pointer="/stand_in")])
    if known.department != department:
        words = "代办人须在同一部门", "Expected a stand-in of the same department"
        raise Refused("invalid_request", *words, [Detail("other_department", *words, pointer="/stand_in")])
    across = {"person_id": known.id, "starts_at": span[0], "ends_at": span[1]}
    if connection.execute(_ACROSS, across).first() is not None:
        words = f"{known.name}这几天也请假", f"Expected a stand-in who is there, but {known.name} is on leave then"
        raise Refused("invalid_request", *words, [Detail("leave_overlaps", *words, pointer="/stand_in")])
