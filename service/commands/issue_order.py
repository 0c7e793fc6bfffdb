"""A person issues a supervision order (督办单) from any source, gathers alarms in one, or opens a closed one again.

Red alarms get their orders by themselves; these are the orders that people decide on. No transaction touches a second
case: the order is the only one here, alarms are rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.commands.open_case import OpenCase, open_case
from service.commands.order_alarms import gather_same_cause, link_alarms
from service.commands.order_handlers import find_handler, handler_of_id, likely_handler, start_variables
from service.commands.services import Services
from service.database.tables import alarm, case, department, order_alarm, supervision_order
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may

PROCESS, PREFIX = "supervision_order", "DB"
# 报警, 检查, 投诉, 领导批示: where an order comes from.
SOURCES = ("alarm", "inspection", "complaint", "leader")
MOST_ALARMS = 100
_ALARMS = (
    select(alarm)
    .where(alarm.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(alarm.c.id)
    .with_for_update(of=[alarm])
)
_LINKED = select(order_alarm.c.alarm_id).where(order_alarm.c.alarm_id.in_(bindparam("ids", expanding=True)))
_CASE = select(case.c.id, case.c.department).where(case.c.number == bindparam("number"))
_ORDER = (
    select(supervision_order, case.c.number)
    .join(case, case.c.id == supervision_order.c.case_id)
    .where(case.c.number == bindparam("number"))
    .with_for_update(of=[supervision_order])
)
_DEPARTMENT = select(department.c.code).where(department.c.code == bindparam("code"))


@dataclass(frozen=True, slots=True)
class IssueOrder:
    """`source` one of SOURCES; `about_case` a number, empty where it is about none; `alarms` are gathered in it.

    Level 1 issues orders too, to a `handler` of its own department and to nobody else.
    """

    source: str
    department: str
    demand: str
    about_case: str = ""
    alarms: tuple[int, ...] = ()
    # Of a handler's user name: the order goes straight to him.
    handler: str = ""


def issue_order(connection: Connection, services: Services, actor: Actor, command: IssueOrder, now: datetime) -> str:
    """The order's number. Raises Refused: not_permitted, not_found, invalid_request, move_refused."""
    if not (command.handler and may(actor, "order_handlers", command.department)):
        require_may_issue(actor)
    demand = command.demand.strip()[:500]
    if command.source not in SOURCES:
        raise Refused("invalid_request", "请选择督办来源", f"Expected one of {', '.join(SOURCES)}")
    if len(demand) < 5:
        words = "请写明督办要求", "Say what the order demands"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/demand")])
    if connection.execute(_DEPARTMENT, {"code": command.department}).first() is None:
        raise not_found("该部门", f"department {command.department!r}")
    about = _case_about(connection, command.about_case)
    gathered = _free_alarms(connection, actor, command.alarms, command.department)
    return _open(connection, services, actor, command, demand, about, gathered, None, now)


def require_may_issue(actor: Actor) -> None:
    """Raises Refused not_permitted."""
    if not may(actor, "issue_orders"):
        raise Refused("not_permitted", "您的岗位不能签发督办单", "Expected level 2 or the control centre")


def _case_about(connection: Connection, number: str) -> int | None:
    if not number:
        return None
    row = connection.execute(_CASE, {"number": number}).one_or_none()
    if row is None:
        raise not_found("该办件", f"case {number}")
    return int(row.id)


def _free_alarms(connection: Connection, actor: Actor, ids: Sequence[int], department_code: str) -> list[Any]:
    """The alarms, locked. Raises Refused where one is another department's, closed, or in an order already."""
    if len(ids) > MOST_ALARMS:
        raise Refused("invalid_request", f"一次最多 {MOST_ALARMS} 条", f"Expected at most {MOST_ALARMS} alarms")
    if not ids:
        return []
    rows = connection.execute(_ALARMS, {"ids": sorted(set(ids))}).all()
    if len(rows) != len(set(ids)):
        raise not_found("该报警", "alarms that are all there")
    if any(row.department != department_code for row in rows):
        raise _refused("一张督办单只能并入同一部门的报警", "Expected alarms of one department")
    if any(row.person_id == actor.person_id for row in rows):
        raise Refused("separation_of_duty", "涉及本人的报警由他人处理", "Expected alarms that concern somebody else")
    taken = connection.execute(_LINKED, {"ids": sorted(set(ids))}).first()
    if taken is not None or any(row.status == "closed" for row in rows):
        raise _refused("所选报警已有督办单或者已销号", "Expected alarms that are open and in no order yet")
    return list(rows)


def _refused(zh: str, en: str) -> Refused:
    return Refused("move_refused", zh, en)


def _open(
    connection: Connection,
    services: Services,
    actor: Actor,
    command: IssueOrder,
    demand: str,
    about: int | None,
    gathered: Sequence[Any],
    again: Any,
    now: datetime,
) -> str:
    """`again` is the closed order that this one opens once more: whoever handled that one is the first who is asked."""

    def write(case_id: int, _number: str) -> None:
        row: dict[str, Any] = {"case_id": case_id, "about_case_id": about, "department": command.department}
        row |= {"rung": 2, "status": "open", "demand": demand, "opened_at": now, "source": command.source}
        row |= {"issued_by": actor.person_id, "reopens": again.case_id if again is not None else None}
        connection.execute(insert(supervision_order).values(**row, handler_id=handler.person_id if handler else None))
        ids = [one.id for one in gathered]
        link_alarms(connection, ids, case_id)
        gather_same_cause(connection, ids, case_id, but_about=actor.person_id)

    named = find_handler(connection, command.handler, command.department) if command.handler else None
    earlier = handler_of_id(connection, again.handler_id, command.department) if again is not None else None
    handler = named or earlier or likely_handler(connection, command.department, gathered)
    if named is not None and named.person_id == actor.person_id:
        raise Refused("separation_of_duty", "督办单不能发给本人", "Expected another person than who issues the order")
    subject = demand if not command.about_case else f"{command.about_case} {demand}"
    told = {"source": command.source, "demand": demand, "alarms": [one.id for one in gathered]}
    variables = start_variables(handler, direct=named is not None)
    place = PROCESS, "order", command.department, subject, PREFIX
    opened = OpenCase(*place, variables=variables, actor=actor, about=told)
    return open_case(connection, services, opened, now, with_case=write)[1]


def gather_alarms(connection: Connection, actor: Actor, number: str, ids: Sequence[int]) -> None:
    """Put alarms into an order that nobody has answered yet. Raises Refused as `issue_order`."""
    require_may_issue(actor)
    row = connection.execute(_ORDER, {"number": number}).one_or_none()
    if row is None:
        raise not_found("该督办单", f"supervision order {number}")
    if row.status not in ("open", "signed"):
        raise _refused("该督办单已答复或者已销号，不能再并入", "Expected an order that nobody has answered yet")
    gathered = _free_alarms(connection, actor, ids, row.department)
    link_alarms(connection, [one.id for one in gathered], row.case_id)


def reopen_order(
    connection: Connection, services: Services, actor: Actor, number: str, reason: str, now: datetime
) -> str:
    """A closed order is opened again as a new one, which takes its alarms over; its number.

    Raises Refused: not_permitted, not_found, invalid_request, move_refused where it is not closed or opened again.
    """
    require_may_issue(actor)
    row = connection.execute(_ORDER, {"number": number}).one_or_none()
    if row is None:
        raise not_found("该督办单", f"supervision order {number}")
    why = reason.strip()[:400]
    if not why:
        words = "请写明重新督办的理由", "Say why it is opened again"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/reason")])
    again = select(supervision_order.c.case_id).where(supervision_order.c.reopens == row.case_id)
    if row.status != "closed" or connection.execute(again).first() is not None:
        raise _refused("只有已销号的督办单可以重新督办一次", "Expected a closed order that nobody has opened again")
    command = IssueOrder(row.source, row.department, f"重新督办（原{number}）：{why}")
    opened = _open(connection, services, actor, command, command.demand, row.about_case_id, (), row, now)
    new = select(case.c.id).where(case.c.number == opened).scalar_subquery()
    moved = select(order_alarm.c.alarm_id).where(order_alarm.c.order_case_id == row.case_id)
    values = {"status": "ordered", "closed_at": None}
    connection.execute(update(alarm).where(alarm.c.id.in_(moved)).values(**values))
    connection.execute(update(order_alarm).where(order_alarm.c.order_case_id == row.case_id).values(order_case_id=new))
    return opened
