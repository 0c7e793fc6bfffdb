"""An order about differences of money: what a supervisor has chosen becomes one red alarm, its rows and an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.engine import Row

from service.commands.services import Services
from service.database.tables import case, treasury_difference
from supervision.orders.opening import start_order
from supervision.raising import NewAlarm, write_alarm

RULE = "reconciliation.chosen"
RULE_VERSION = 1
# A receipt without a case, and a case behind its receipt, are what alarms have kinds of their own for.
_KINDS = {"D5": "off_system", "D6": "backfilled"}
_CHOSEN = (
    select(treasury_difference, case.c.number)
    .outerjoin(case, case.c.id == treasury_difference.c.case_id)
    .where(treasury_difference.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(treasury_difference.c.amount_fen.desc(), treasury_difference.c.id)
)
_LINK = (
    update(treasury_difference)
    .where(treasury_difference.c.id.in_(bindparam("ids", expanding=True)))
    .values(alarm_id=bindparam("alarm"))
)


def order_about_differences(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message `order_differences`: doing it twice changes nothing."""
    rows = connection.execute(_CHOSEN, {"ids": payload["ids"]}).all()
    if not rows:
        return
    alarm_id = write_alarm(connection, services.calendars, _alarm(rows, payload), now)
    if alarm_id is None:
        return
    connection.execute(_LINK, {"ids": payload["ids"], "alarm": alarm_id})
    start_order(connection, services, {"alarm_id": alarm_id, "demand": payload["demand"]}, now)


def _alarm(rows: Sequence[Row[Any]], payload: dict[str, Any]) -> NewAlarm:
    kinds = {row.kind for row in rows}
    kind = next((_KINDS[each] for each in ("D5", "D6") if each in kinds), "fee")
    fen, items = sum(row.amount_fen for row in rows), len({row.item_code for row in rows if row.item_code})
    demand = payload["demand"]
    return NewAlarm(
        kind,
        RULE,
        RULE_VERSION,
        "red",
        f"differences/{min(payload['ids'])}/{payload['at']}",
        f"reconciliation/{rows[0].department}",
        rows[0].department,
        f"国库与系统比对有 {len(rows)} 笔差异，涉及 {items} 个收费项目，共 {fen / 100:,.2f} 元。{demand}",
        f"{len(rows)} differences from the treasury in {items} charged items, {fen / 100:,.2f} yuan in all. {demand}",
        tuple(_evidence(rows)),
    )


def _evidence(rows: Sequence[Row[Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        told = f"{row.kind} {row.receipt_no or row.pay_code}"
        yield {
            "at": row.on_day.isoformat(),
            "case": row.number or "",
            "receipt": row.receipt_no,
            "amount_fen": row.amount_fen,
            "zh": f"{told}，{row.payer}",
            "en": f"{told}, {row.payer}",
        }
