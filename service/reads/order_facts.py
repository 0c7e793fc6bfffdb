"""What the diagram of a supervision order asks of the service: how often to remind, and who may close it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, or_, select

from service.database.tables import alarm, order_alarm, post_holding, setting, supervision_order
from service.people.county_settings import DEFAULTS, ORDERS, REMIND_HOURS

ORDER_FACTS = frozenset({"remind_hours", "level2_confirms"})
_CHOSEN = select(setting.c.content).where(setting.c.name == ORDERS)


def _holds(person: ColumnElement[int], *posts: str) -> ColumnElement[bool]:
    held = and_(post_holding.c.person_id == person, post_holding.c.post.in_(posts), post_holding.c.ended_at.is_(None))
    return exists().where(held)


# Who issued the order, by the posts that he held then.
_HELD_THEN = exists().where(
    post_holding.c.person_id == supervision_order.c.issued_by,
    post_holding.c.post.in_(("sup2", "centre")),
    post_holding.c.granted_at <= supervision_order.c.opened_at,
    or_(post_holding.c.ended_at.is_(None), post_holding.c.ended_at >= supervision_order.c.opened_at),
)
_FROM_ABOVE = select(supervision_order.c.case_id).where(supervision_order.c.case_id == bindparam("case_id"), _HELD_THEN)
_ABOUT_SUPERVISION = (
    select(order_alarm.c.alarm_id)
    .join(alarm, alarm.c.id == order_alarm.c.alarm_id)
    .where(order_alarm.c.order_case_id == bindparam("case_id"))
    .where(or_(alarm.c.kind == "supervision", _holds(alarm.c.person_id, "sup1", "sup2", "centre")))
    .limit(1)
)


def order_fact(connection: Connection, case_id: int, name: str) -> object:
    """`remind_hours`, as the county has chosen; `level2_confirms`: level 1 settles nothing that came from above or
    that concerns supervision itself."""
    if name == "remind_hours":
        chosen = connection.execute(_CHOSEN).scalar_one_or_none() or {}
        return int(chosen.get(REMIND_HOURS, DEFAULTS[ORDERS][REMIND_HOURS]))
    asked = {"case_id": case_id}
    return any(connection.execute(query, asked).first() is not None for query in (_FROM_ABOVE, _ABOUT_SUPERVISION))
