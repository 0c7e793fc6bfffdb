"""How often each rung of the ladder spoke in a span of days, and what became of the orders, as the report gives it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, case, exists, func, select

from service.database.tables import notice, supervision_order, user_task
from service.people.actor import Actor
from service.reads.visibility import departments_of_alarms, visible

# Kinds of notices by the rung that sends them (supervision's ladder): 一级, 二级, 控制中心.
# 0 is what level 1 asks of handlers; reminders say nothing new and are counted apart.
RUNG_OF_KIND = {"order_handler": 0, "order_level1": 2, "order_level2": 3, "order_urged": 3, "order_centre": 4}
REMINDERS = tuple(f"order_reminded_{who}" for who in ("handler", "level1", "level2", "centre"))
_SENT = (
    select(notice.c.kind, supervision_order.c.department, func.count().label("messages"))
    .join(supervision_order, supervision_order.c.case_id == notice.c.case_id)
    .where(notice.c.kind.in_((*RUNG_OF_KIND, *REMINDERS)), notice.c.channel == "sms")
    .where(notice.c.created_at >= bindparam("begins"), notice.c.created_at < bindparam("ends"))
    .group_by(notice.c.kind, supervision_order.c.department)
)
# Closed without level 2 ever having had it.
_SETTLED_BELOW = and_(
    supervision_order.c.closed_at.is_not(None),
    ~exists().where(user_task.c.case_id == supervision_order.c.case_id, user_task.c.element_id == "confirm"),
)
_ORDERS = (
    select(
        supervision_order.c.department,
        func.count().label("orders"),
        func.sum(case((supervision_order.c.rung >= 3, 1), else_=0)).label("to_level2"),
        func.sum(case((supervision_order.c.rung >= 4, 1), else_=0)).label("to_centre"),
        func.sum(case((supervision_order.c.closed_at.is_not(None), 1), else_=0)).label("closed"),
        func.sum(case((_SETTLED_BELOW, 1), else_=0)).label("closed_at_level1"),
    )
    .where(supervision_order.c.opened_at >= bindparam("begins"), supervision_order.c.opened_at < bindparam("ends"))
    .group_by(supervision_order.c.department)
)


@dataclass(frozen=True, slots=True)
class RungCount:
    """One department's: messages (SMS) of each rung, orders opened, how high they went, how many are closed."""

    department: str
    handler_messages: int
    level1_messages: int
    level2_messages: int
    centre_messages: int
    orders: int
    to_level2: int
    to_centre: int
    closed: int
    closed_at_level1: int
    reminders: int


def count_rungs(connection: Connection, actor: Actor, begins: datetime, ends: datetime) -> list[RungCount]:
    """By department, of those whose alarms this person reads."""
    bound, seen = {"begins": begins, "ends": ends}, departments_of_alarms(actor)
    only = visible(seen, supervision_order.c.department)
    sent: dict[tuple[str, int], int] = {}
    for row in connection.execute(_SENT.where(only), bound):
        key = row.department, RUNG_OF_KIND.get(row.kind, _REMINDED)
        sent[key] = sent.get(key, 0) + int(row.messages)
    orders = {row.department: row for row in connection.execute(_ORDERS.where(only), bound)}
    departments = sorted({department for department, _ in sent} | set(orders))
    return [
        RungCount(
            one,
            **{name: sent.get((one, rung), 0) for name, rung in _MESSAGES.items()},
            **{name: int(getattr(orders[one], name)) if one in orders else 0 for name in _COUNTED},
        )
        for one in departments
    ]


_REMINDED = -1
_MESSAGES = {
    "handler_messages": 0,
    "level1_messages": 2,
    "level2_messages": 3,
    "centre_messages": 4,
    "reminders": _REMINDED,
}
_COUNTED = ("orders", "to_level2", "to_centre", "closed", "closed_at_level1")
