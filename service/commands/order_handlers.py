"""The handler of a supervision order (被督办的经办人): who he is, and how level 1 or level 2 names another."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from service.commands.act import CaseAct
from service.commands.receive_message import open_case_act
from service.commands.services import Services
from service.commands.writing import settle
from service.database.tables import person, post_holding, supervision_order, user_task
from service.errors import Refused, not_found
from service.notices.writing import Recipient, notify
from service.people.actor import Actor
from service.people.permissions import may
from service.people.separation import BUSINESS_POSTS

HANDLERS, HANDLER_POST = "order_handlers", "handler_post"
# The handler's own steps of an order's diagram.
HANDLER_STEPS = ("handler_sign", "handler_answer")
_POSTS = (
    select(person.c.id, person.c.username, person.c.name, post_holding.c.post)
    .join(post_holding, post_holding.c.person_id == person.c.id)
    .where(
        post_holding.c.department == bindparam("department"),
        post_holding.c.post.in_(sorted(BUSINESS_POSTS)),
        post_holding.c.ended_at.is_(None),
        person.c.active.is_(True),
    )
    .order_by(person.c.id, post_holding.c.id)
)
# Whoever has the step in hand, or has done it last; of the case, whoever did anything last.
_DOERS = (
    select(func.coalesce(user_task.c.completed_by, user_task.c.assignee).label("person"), user_task.c.element_id)
    .where(
        user_task.c.case_id == bindparam("case_id"),
        or_(user_task.c.completed_by.is_not(None), user_task.c.assignee.is_not(None)),
    )
    .order_by(user_task.c.entered_at.desc(), user_task.c.id)
)
_MOBILE = select(person.c.mobile).where(person.c.id == bindparam("person_id"))
_NAMED = (
    update(supervision_order)
    .where(supervision_order.c.case_id == bindparam("b_case"))
    .values(handler_id=bindparam("handler_id"))
)
_HIS_TASKS = (
    update(user_task)
    .where(
        user_task.c.case_id == bindparam("b_case"),
        user_task.c.status == "open",
        user_task.c.element_id.in_(HANDLER_STEPS),
    )
    .values(named=bindparam("named"), post=bindparam("post"), assignee=None, claimed_at=None)
)


@dataclass(frozen=True, slots=True)
class Handler:
    """A person of a department and the post by which he handles."""

    person_id: int
    username: str
    name: str
    post: str

    @property
    def variables(self) -> dict[str, Any]:
        """What the order's diagram asks for."""
        return {HANDLERS: f",{self.person_id},", HANDLER_POST: self.post}


def handlers_in(connection: Connection, department: str) -> list[Handler]:
    """Everybody of the department who handles cases, each by his first post."""
    found: dict[int, Handler] = {}
    for row in connection.execute(_POSTS, {"department": department}):
        found.setdefault(row.id, Handler(row.id, row.username, row.name, row.post))
    return list(found.values())


def likely_handler(connection: Connection, department: str, alarms: Collection[Any]) -> Handler | None:
    """Whom the alarms point at: the person they name, else who had the step that they name, else who acted last."""
    known = {one.person_id: one for one in handlers_in(connection, department)}
    for alarm in alarms:
        for wanted in _pointed_at(connection, alarm):
            if wanted in known:
                return known[wanted]
    return None


def _pointed_at(connection: Connection, alarm: Any) -> list[int]:
    if alarm.person_id is not None:
        return [alarm.person_id]
    if alarm.case_id is None:
        return []
    doers = connection.execute(_DOERS, {"case_id": alarm.case_id}).all()
    of_step = [row.person for row in doers if row.element_id == alarm.element_id]
    return of_step + [row.person for row in doers]


def handler_of_id(connection: Connection, person_id: int | None, department: str) -> Handler | None:
    """This person, if he still handles cases in the department."""
    return next((one for one in handlers_in(connection, department) if one.person_id == person_id), None)


def find_handler(connection: Connection, username: str, department: str) -> Handler:
    """Raises Refused not_found for somebody who handles nothing in the department."""
    found = next((one for one in handlers_in(connection, department) if one.username == username.strip()), None)
    if found is None:
        raise not_found("该经办人", f"a handler {username!r} in {department}")
    return found


def name_handler(
    connection: Connection, services: Services, actor: Actor, number: str, username: str, now: datetime
) -> None:
    """Level 1 of the department, or level 2, says who is to explain and mend. Open steps of the handler pass to him.

    Raises Refused: not_permitted, not_found, case_closed, move_refused where a handler has answered already, or the
    order runs by a diagram that knows none.
    """
    act = open_case_act(connection, services, number, now, actor)
    order = _order(act)
    if not may_name_handler(actor, order.department):
        raise Refused("not_permitted", "您的岗位不能确定经办人", "Expected level 1 of the department, or level 2")
    if act.bundle.model.find(HANDLER_STEPS[0]) is None or order.status not in ("open", "signed"):
        words = "该督办单不能再确定经办人", "Expected an order that may still go to a handler"
        raise Refused("move_refused", *words)
    handler = find_handler(connection, username, order.department)
    act.load()
    act.run.variables.update(handler.variables)
    connection.execute(_NAMED, {"b_case": act.row.case_id, "handler_id": handler.person_id})
    his = {"b_case": act.row.case_id, "named": handler.variables[HANDLERS], "post": handler.post}
    waits = connection.execute(_HIS_TASKS, his).rowcount > 0
    act.record("handler_named", None, person=handler.person_id, name=handler.name)
    if waits and handler.person_id != order.handler_id:
        _tell(act, handler, order.demand)
    settle(act, act.run.outcome())


def _tell(act: CaseAct, handler: Handler, demand: str) -> None:
    """Whoever is named while the order waits for its handler is told by SMS, as the first was."""
    mobile = act.connection.execute(_MOBILE, {"person_id": handler.person_id}).scalar_one()
    text = f"一级监察员督办：督办单 {act.row.number} 改由您说明并整改，原定时限不变。{demand}"
    told = [Recipient(handler.name, mobile, handler.person_id)]
    notify(act.connection, told, case_id=act.row.case_id, kind="order_handler", text=text, now=act.now, sms=True)


def _order(act: CaseAct) -> Any:
    where = supervision_order.c.case_id == act.row.case_id
    row = act.connection.execute(select(supervision_order).where(where)).one_or_none()
    if row is None:
        raise not_found("该督办单", f"supervision order {act.row.number}")
    return row


def may_name_handler(actor: Actor, department: str) -> bool:
    """Level 1 of the department, and whoever issues orders."""
    return may(actor, "order_handlers", department) or may(actor, "issue_orders")


def start_variables(handler: Handler | None, *, direct: bool = False) -> Mapping[str, Any]:
    """What a new order's diagram starts with."""
    return {**(handler.variables if handler is not None else {}), "direct": direct}
