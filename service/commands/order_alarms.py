"""One cause, one order (一因一单): what an order gathers without a person, until somebody has answered it.

Alarms of one case have it in common, and those of one person's one burst the cause that their rules name. Warnings of
a limit that is not over yet are no breach and stay outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, false, func, insert, or_, select, update

from service.database.tables import alarm, case, order_alarm, supervision_order

_IN_NO_ORDER = ~exists().where(order_alarm.c.alarm_id == alarm.c.id)
# 超期 before the limit is over: blue and yellow.
_BREACH = or_(alarm.c.colour == "red", and_(alarm.c.colour == "yellow", alarm.c.kind != "overdue"))
_OF = select(alarm.c.case_id, alarm.c.cause, alarm.c.department).where(alarm.c.id.in_(bindparam("ids", expanding=True)))


def link_alarms(connection: Connection, ids: Sequence[int], order_case_id: int) -> None:
    """The alarms belong to the order from now on, which answers them."""
    if ids:
        connection.execute(insert(order_alarm), [{"alarm_id": one, "order_case_id": order_case_id} for one in ids])
        connection.execute(update(alarm).where(alarm.c.id.in_(ids)).values(status="ordered", closed_at=None))


def gather_same_cause(
    connection: Connection, ids: Sequence[int], order_case_id: int, *, but_about: int | None = None
) -> list[int]:
    """Open alarms of the same case or cause join the order that was opened from these; which they are.

    `but_about`: nobody gathers what concerns himself.
    """
    rows = connection.execute(_OF, {"ids": list(ids)}).all() if ids else []
    alike = [one for row in rows for one in _alike(row)]
    if not alike:
        return []
    asked = (
        select(alarm.c.id)
        .where(alarm.c.status == "open", _BREACH, _IN_NO_ORDER, alarm.c.department == rows[0].department, or_(*alike))
        .where(or_(alarm.c.person_id.is_(None), alarm.c.person_id != but_about) if but_about is not None else ~false())
        .order_by(alarm.c.id)
        .with_for_update(of=[alarm])
    )
    found = list(connection.execute(asked).scalars())
    link_alarms(connection, found, order_case_id)
    return found


def _alike(row: Any) -> list[ColumnElement[bool]]:
    of_case = [alarm.c.case_id == row.case_id] if row.case_id is not None else []
    return of_case + ([alarm.c.cause == row.cause] if row.cause else [])


def standing_order(connection: Connection, case_id: int | None, cause: str | None) -> int | None:
    """The order about the same case, or of the same cause, that nobody has answered yet, locked."""
    gathered = (
        select(order_alarm.c.order_case_id)
        .join(alarm, alarm.c.id == order_alarm.c.alarm_id)
        .where(alarm.c.cause == cause)
    )
    about = [supervision_order.c.about_case_id == case_id] if case_id is not None else []
    about += [supervision_order.c.case_id.in_(gathered)] if cause else []
    if not about:
        return None
    asked = (
        select(supervision_order.c.case_id)
        .where(supervision_order.c.status.in_(("open", "signed")), or_(*about))
        .order_by(supervision_order.c.case_id)
        .limit(1)
        .with_for_update()
    )
    return connection.execute(asked).scalar_one_or_none()


def join_standing_order(connection: Connection, alarm_id: int, case_id: int | None, cause: str | None) -> int | None:
    """An alarm that asks for no order of its own joins the one of its cause; which that is."""
    standing = standing_order(connection, case_id, cause)
    if standing is not None:
        link_alarms(connection, [alarm_id], standing)
    return standing


def gathered_with(connection: Connection, number: str) -> int:
    """How many alarms the order of this number has gathered."""
    of_order = select(case.c.id).where(case.c.number == number).scalar_subquery()
    counted = select(func.count()).where(order_alarm.c.order_case_id == of_order)
    return int(connection.execute(counted).scalar_one())
