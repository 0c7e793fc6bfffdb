"""A red alarm becomes an order, or joins the one that the case has already; a ruling in the case answers it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select, update

from service.commands.open_case import OpenCase, open_case
from service.commands.order_alarms import gather_same_cause, join_standing_order, link_alarms
from service.commands.order_handlers import likely_handler, start_variables
from service.commands.services import Services
from service.commands.signal_case import signal_case
from service.database.tables import alarm, case, order_alarm, supervision_order
from service.errors import TooSoon

ORDER_PROCESS = "supervision_order"
ORDER_PREFIX = "DB"


def start_order(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message `start_order`: one cause, one order. Doing it twice changes nothing.

    `demand`: what a supervisor has written; else what the alarm itself asks for.
    """
    row = _locked(connection, payload["alarm_id"])
    if _order_of(connection, row.id) is not None:
        return
    if join_standing_order(connection, row.id, row.case_id, row.cause) is not None:
        return
    subject = f"{row.number} {row.summary_zh}" if row.number else str(row.summary_zh)
    handler = likely_handler(connection, row.department, [row])
    variables = start_variables(handler)
    person_id = handler.person_id if handler is not None else None
    open_case(
        connection,
        services,
        OpenCase(ORDER_PROCESS, "order", row.department, subject, ORDER_PREFIX, variables=variables),
        now,
        with_case=lambda case_id, _number: _write_order(
            connection, case_id, row, person_id, payload.get("demand"), now
        ),
    )


def _locked(connection: Connection, alarm_id: int) -> Row[Any]:
    """The alarm, its case or the alarms of its cause locked: two of one cause at once would else open an order each."""
    row = connection.execute(
        select(alarm, case.c.number).outerjoin(case, case.c.id == alarm.c.case_id).where(alarm.c.id == alarm_id)
    ).one()
    if row.case_id is not None:
        connection.execute(select(case.c.id).where(case.c.id == row.case_id).with_for_update())
    elif row.cause is not None:
        same = select(alarm.c.id).where(alarm.c.cause == row.cause).order_by(alarm.c.id)
        connection.execute(same.with_for_update())
    return row


def _write_order(
    connection: Connection, order_case_id: int, row: Any, handler_id: int | None, demand: str | None, now: datetime
) -> None:
    connection.execute(
        insert(supervision_order).values(
            case_id=order_case_id,
            about_case_id=row.case_id,
            department=row.department,
            rung=2,
            status="open",
            demand=(demand or f"查明原因并督促改正：{row.summary_zh}")[:500],
            opened_at=now,
            handler_id=handler_id,
        )
    )
    link_alarms(connection, [row.id], order_case_id)
    gather_same_cause(connection, [row.id], order_case_id)


def _order_of(connection: Connection, alarm_id: int) -> int | None:
    return connection.execute(
        select(order_alarm.c.order_case_id).where(order_alarm.c.alarm_id == alarm_id)
    ).scalar_one_or_none()


def answer_order(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message `answer_order`: the ruling in the case is the answer; level 2 confirms it.

    Raises TooSoon while an alarm that the ruling answers waits for its order: another worker may be late with it.
    """
    ruled_at = datetime.fromisoformat(payload["ruled_at"]) if "ruled_at" in payload else now
    answered = (
        alarm.c.case_id == payload["case_id"],
        alarm.c.kind.in_(("too_early", "concentrated")),
        alarm.c.colour == "red",
        alarm.c.raised_at <= ruled_at,
    )
    _require_orders(connection, answered)
    orders = connection.execute(
        select(supervision_order.c.case_id)
        .join(order_alarm, order_alarm.c.order_case_id == supervision_order.c.case_id)
        .join(alarm, alarm.c.id == order_alarm.c.alarm_id)
        .where(
            supervision_order.c.about_case_id == payload["case_id"],
            supervision_order.c.status.in_(("open", "signed")),
            *answered,
        )
        .distinct()
    ).scalars()
    for order_case_id in list(orders):
        values = {key: payload[key] for key in ("ruling", "reason", "person")}
        if signal_case(connection, services, order_case_id, "halt_ruled", values, now):
            connection.execute(
                update(supervision_order)
                .where(supervision_order.c.case_id == order_case_id)
                .values(status="answered", answered_at=now)
            )


def _require_orders(connection: Connection, answered: tuple[ColumnElement[bool], ...]) -> None:
    linked = exists().where(order_alarm.c.alarm_id == alarm.c.id)
    waiting = connection.execute(select(func.count()).select_from(alarm).where(*answered, ~linked)).scalar_one()
    if waiting:
        raise TooSoon(
            f"Expected an order about each alarm that the ruling answers, but {waiting} still wait for theirs"
        )
