"""Extension of a supervision order (延期): asked by whoever owes a step, decided by whoever gave it, once a rung."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from service.commands.act import CaseAct
from service.commands.complete_task import current_row, require_task
from service.commands.receive_message import open_case_act
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.stopping import lengthen, move_task
from service.commands.writing import settle
from service.database.tables import order_extension, person, user_task
from service.engine import ArmedTimer
from service.errors import Detail, Refused, not_found
from service.notices.writing import Recipient, notify
from service.people.actor import Actor
from service.people.queries import holders_of
from service.timers.standing_still import JUST_AFTER
from service.working_time import Limit

# The rung that owes a step of the order's diagram, and the post that gave it: 经办人 ← 一级 ← 二级 ← 控制中心.
RUNG_OF_STEP: Mapping[str, str] = {
    "handler_sign": "handler",
    "handler_answer": "handler",
    "sign": "level1",
    "answer": "level1",
    "judge": "level1",
    "urge": "level2",
}
GIVEN_BY: Mapping[str, str] = {"handler": "sup1", "level1": "sup2", "level2": "centre"}
# Nobody has more than two weeks on top of a limit of hours or of a day.
MOST_WORKING_DAYS = 10
_STANDING = select(order_extension).where(
    order_extension.c.order_case_id == bindparam("case_id"), order_extension.c.rung == bindparam("rung")
)
_ASKED = (
    select(order_extension, person.c.name, person.c.mobile)
    .join(person, person.c.id == order_extension.c.asked_by)
    .where(order_extension.c.id == bindparam("id"), order_extension.c.order_case_id == bindparam("case_id"))
)
_STILL_OPEN = select(exists().where(user_task.c.id == bindparam("task_id"), user_task.c.status == "open"))
_DECIDED = (
    update(order_extension)
    .where(order_extension.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("status", "until", "decided_by", "decided_at", "opinion")})
)


@dataclass(frozen=True, slots=True)
class AskExtension:
    """`until` is the last day on which the step would then be due."""

    task_id: str
    until: date
    reason: str


def ask_extension(
    connection: Connection, services: Services, actor: Actor, command: AskExtension, now: datetime
) -> None:
    """Whoever owes the step asks for a later day; who gave it is told by SMS. The limit runs on until it is granted.

    Raises Refused: as a completion, invalid_request, move_refused where the rung has asked before, or it is too late.
    """
    act = CaseAct(connection, services, current_row(connection, services, command.task_id, now), now, actor)
    require_task(act)
    rung = RUNG_OF_STEP.get(act.row.task_element_id) if act.row.kind == "order" else None
    if rung is None:
        raise _refused("本环节不能申请延期", "Expected a step of an order that somebody above has given")
    reason = _required(command.reason, "/reason", "请写明延期理由", "Say why more time is needed")
    due = act.row.task_due_at
    if due is None or due < now:
        raise _refused("期限已过，不能再申请延期", "Expected a limit that has not passed")
    if connection.execute(_STANDING, {"case_id": act.row.case_id, "rung": rung}).first() is not None:
        raise _refused("本级已申请过一次延期", "Expected a rung that has not asked yet")
    until = _last_instant(act, command.until, due)
    row = {"order_case_id": act.row.case_id, "rung": rung, "task_id": act.row.task_id}
    row |= {"element_id": act.row.task_element_id, "asked_by": actor.person_id, "asked_at": now}
    row |= {"reason": reason, "due_before": due, "until": until, "status": "asked"}
    connection.execute(insert(order_extension).values(**row))
    act.record("extension_asked", act.row.task_element_id, until=command.until.isoformat(), reason=reason)
    record_events(act)
    asked = f"{actor.name}申请延期至 {command.until.isoformat()}，请批准或者不予批准。理由：{reason}"
    words = f"督办单 {act.row.number}：{asked}"
    _tell(act, holders_of(connection, GIVEN_BY[rung], act.row.case_department), "order_extension_asked", words)


def decide_extension(
    connection: Connection,
    services: Services,
    actor: Actor,
    number: str,
    extension_id: int,
    opinion: str,
    now: datetime,
    *,
    granted: bool,
) -> None:
    """Whoever gave the step grants or refuses; granted, the limit of the step moves, and all that hangs on it.

    Raises Refused: not_found, not_permitted, separation_of_duty, invalid_request, case_closed, move_refused where it is
    decided already or the step is done.
    """
    act = open_case_act(connection, services, number, now, actor)
    asked = connection.execute(_ASKED, {"id": extension_id, "case_id": act.row.case_id}).one_or_none()
    if asked is None:
        raise not_found("该延期申请", f"extension {extension_id} of {number}")
    act.holding = actor.holding_for(GIVEN_BY[asked.rung], act.row.case_department)
    if act.holding is None:
        raise Refused("not_permitted", "延期由上一级批准", f"Expected a holder of {GIVEN_BY[asked.rung]}")
    if asked.asked_by in act.persons():
        raise Refused("separation_of_duty", "不得批准本人的延期申请", "Expected another person than who has asked")
    said = _required(opinion, "/opinion", "请写明意见", "Give an opinion")
    if asked.status != "asked" or not connection.execute(_STILL_OPEN, {"task_id": asked.task_id}).scalar_one():
        raise _refused("该申请已处理或者环节已办结", "Expected a question that waits, of a step that is open")
    act.load()
    until = _move(act, asked) if granted else asked.until
    status = "granted" if granted else "refused"
    decided = {"status": status, "until": until, "decided_by": actor.person_id, "decided_at": now, "opinion": said}
    connection.execute(_DECIDED, {"b_id": extension_id, **decided})
    act.record(f"extension_{status}", asked.element_id, until=until.isoformat(), opinion=said)
    result = f"已批准延期至 {_day(act, until).isoformat()}" if granted else "延期申请未获批准，原期限不变"
    words = f"督办单 {number}：{result}。{said}"
    act.later(lambda: _tell(act, [(asked.asked_by, asked.name, asked.mobile)], f"order_extension_{status}", words))
    settle(act, act.run.outcome())


def _move(act: CaseAct, asked: Any) -> datetime:
    """The limit of the step gets as many units more as end on the day that was asked for; the new instant."""
    timer = next((one for one in act.run.armed() if one.element.id == f"{asked.element_id}_limit"), None)
    if timer is None or timer.limit_unit is None or timer.due_at < act.now:
        raise _refused("期限已过，不能再延期", "Expected a limit that has not passed")
    longer = _longer(act, timer, _day(act, asked.until))
    due = act.calendar.due(longer, timer.counted_from)
    lengthen(act, timer, longer, due)
    move_task(act, asked.task_id, due)
    return due


def _longer(act: CaseAct, timer: ArmedTimer, last: date) -> Limit:
    limit = Limit(timer.limit_value or 0, timer.limit_unit)  # type: ignore[arg-type]
    while _day(act, act.calendar.due(Limit(limit.value + 1, limit.unit), timer.counted_from)) <= last:
        limit = Limit(limit.value + 1, limit.unit)
    return limit


def _day(act: CaseAct, due: datetime) -> date:
    """The day at whose end, or within which, something is due."""
    return act.calendar.local_date(due - JUST_AFTER)


def _last_instant(act: CaseAct, until: date, due: datetime) -> datetime:
    """The end of the day. Raises Refused invalid_request for one that is none later, too late, or a day of rest."""
    latest = _day(act, act.calendar.add_working_days(_day(act, due), MOST_WORKING_DAYS))
    if not _day(act, due) < until <= latest or not act.calendar.is_workday(until):
        words = (
            f"请选择 {_day(act, due).isoformat()} 之后、{latest.isoformat()} 以前的工作日",
            f"Expected a working day after {_day(act, due).isoformat()}, {latest.isoformat()} at the latest",
        )
        raise Refused("invalid_request", *words, [Detail("out_of_range", *words, pointer="/until")])
    return datetime.combine(until + timedelta(days=1), time(), act.calendar.zone)


def _tell(act: CaseAct, people: list[tuple[int, str, str | None]], kind: str, text: str) -> None:
    told = [Recipient(name, mobile, person_id) for person_id, name, mobile in people]
    notify(act.connection, told, case_id=act.row.case_id, kind=kind, text=text, now=act.now, sms=True)


def _required(text: str, pointer: str, zh: str, en: str) -> str:
    given = text.strip()[:500]
    if not given:
        raise Refused("invalid_request", zh, en, [Detail("required", zh, en, pointer=pointer)])
    return given


def _refused(zh: str, en: str) -> Refused:
    return Refused("move_refused", zh, en)
