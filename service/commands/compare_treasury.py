"""Compares the treasury with the system and keeps what differs: each difference once, with its trail.

Reading takes seconds where a county has half a million receipts, so it is done with no transaction open
(an outbox message of the kind that leaves the house); only what has changed since the last time is written in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update

from service.commands.services import Services
from service.commands.taking_receipts import COMPARE_KIND
from service.database.session import reading
from service.database.tables import (
    difference_act,
    outbox,
    reconciliation_run,
    reconciliation_total,
    treasury_difference,
    treasury_receipt,
)
from service.fees.differences import Difference
from service.notices.outbox import OutsideSender, Payload
from service.notices.writing import add_to_outbox
from service.reads.treasury_comparison import Comparison, compare_treasury

Key = tuple[str, str, str]
# What a person has decided stands, but for a sum that has grown since.
DECIDED: Final = ("explained", "entered_late", "off_system")
EVERY: Final = timedelta(days=1)
_LAST_RUN = select(func.max(reconciliation_run.c.at))
_STANDING = select(
    treasury_difference.c.id,
    treasury_difference.c.kind,
    treasury_difference.c.pay_code,
    treasury_difference.c.receipt_no,
    treasury_difference.c.amount_fen,
    treasury_difference.c.status,
    treasury_difference.c.cleared_at,
)
_INSERT = insert(treasury_difference).inline()
_ACTS = insert(difference_act).inline()
_CHANGE = (
    update(treasury_difference)
    .where(treasury_difference.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("amount_fen", "status", "cleared_at")})
)
_ASKED = select(outbox.c.id).where(outbox.c.idempotency_key == bindparam("key"))
_ANY_RECEIPT = select(treasury_receipt.c.id).limit(1)


@dataclass(frozen=True)
class TreasuryComparer(OutsideSender):
    """Outbox kind `compare_treasury`, payload {"asked_at"}: doing it twice changes nothing."""

    engine: Engine
    services: Services

    def prepare(self, connection: Connection, payload: Payload, key: str) -> datetime | None:
        """Now; None where somebody has compared since it was asked for."""
        last = connection.execute(_LAST_RUN).scalar_one_or_none()
        asked_at = payload.get("asked_at")
        if last is not None and asked_at is not None and last > datetime.fromisoformat(asked_at):
            return None
        return self.services.clock.now()

    def send(self, request: datetime) -> tuple[datetime, Comparison]:
        with reading(self.engine) as connection:
            return request, compare_treasury(connection, self.services.calendars.get(connection), request)

    def record(
        self, connection: Connection, payload: Payload, receipt: tuple[datetime, Comparison], now: datetime
    ) -> None:
        keep_comparison(connection, receipt[1], receipt[0])

    def receipt_of(self, receipt: tuple[datetime, Comparison]) -> str:
        return f"{len(receipt[1].differences)}"


def compare_daily(connection: Connection, _services: Services, now: datetime) -> int:
    """A pass: ask for a comparison once a day, where there are receipts. What is late is late by the day."""
    last = connection.execute(_LAST_RUN).scalar_one_or_none()
    if (last is not None and timedelta() <= now - last < EVERY) or connection.execute(_ANY_RECEIPT).first() is None:
        return 0
    return ask_for_comparison(connection, f"day/{now:%Y-%m-%d}", now)


def ask_for_comparison(connection: Connection, key: str, now: datetime) -> int:
    """Put a comparison into the outbox, once for each key; how many: none where it waits, is done or has failed."""
    message = f"{COMPARE_KIND}/{key}"
    if connection.execute(_ASKED, {"key": message}).first() is not None:
        return 0
    add_to_outbox(connection, COMPARE_KIND, message, {"asked_at": now.isoformat()}, now)
    return 1


def keep_comparison(connection: Connection, found: Comparison, now: datetime) -> None:
    """Write what is new, what has changed and what is gone; a difference that is gone keeps its row."""
    standing = {(row.kind, row.pay_code, row.receipt_no): row for row in connection.execute(_STANDING)}
    here: dict[Key, Difference] = {(one.kind, one.pay_code, one.receipt_no): one for one in found.differences}
    fresh = [_new(one, now) for key, one in here.items() if key not in standing]
    if fresh:
        connection.execute(_INSERT, fresh)
    changes, acts = [], []
    for key, row in standing.items():
        change = _seen_again(row, here[key], now) if key in here else _gone(row, now)
        if change is not None:
            changes.append(change[0])
            acts.append(change[1])
    if changes:
        connection.execute(_CHANGE, changes)
        connection.execute(_ACTS, acts)
    _keep_totals(connection, found)
    figures = {"notices": found.notices, "receipts": found.receipts, "payments": found.payments}
    connection.execute(insert(reconciliation_run), {"at": now, **figures, "differences": len(here)})


def _new(one: Difference, now: datetime) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "pay_code": one.pay_code,
        "receipt_no": one.receipt_no,
        "department": one.department,
        "item_code": one.item_code,
        "power_item": one.power_item,
        "month": f"{one.on:%Y-%m}",
        "on_day": one.on,
        "payer": one.payer,
        "amount_fen": one.amount_fen,
        "receipt_id": one.receipt_id,
        "case_id": one.case_id,
        "status": "open",
        "found_at": now,
        "cleared_at": None,
        "alarm_id": None,
    }


Change = tuple[dict[str, Any], dict[str, Any]]


def _seen_again(row: Any, one: Difference, now: datetime) -> Change | None:
    returned = row.cleared_at is not None
    if not returned and row.amount_fen == one.amount_fen:
        return None
    grown = one.amount_fen > row.amount_fen
    reopens = row.status == "cleared" or (grown and row.status in DECIDED)
    words = "" if row.amount_fen == one.amount_fen else f"{row.amount_fen / 100:.2f} → {one.amount_fen / 100:.2f}"
    status = "open" if reopens else row.status
    return _change(row.id, one.amount_fen, status, None), _act(
        row.id, "returned" if returned else "changed", words, now
    )


def _gone(row: Any, now: datetime) -> Change | None:
    if row.cleared_at is not None:
        return None
    status = "cleared" if row.status == "open" else row.status
    return _change(row.id, row.amount_fen, status, now), _act(row.id, "cleared", "", now)


def _change(row_id: int, amount_fen: int, status: str, cleared_at: datetime | None) -> dict[str, Any]:
    return {"b_id": row_id, "amount_fen": amount_fen, "status": status, "cleared_at": cleared_at}


def _act(difference_id: int, act: str, reason: str, now: datetime) -> dict[str, Any]:
    return {
        "difference_id": difference_id,
        "at": now,
        "person_id": None,
        "act": act,
        "reason": reason,
        "evidence": "",
    }


def _keep_totals(connection: Connection, found: Comparison) -> None:
    connection.execute(delete(reconciliation_total))
    rows: list[Mapping[str, Any]] = [
        {
            "department": department,
            "item_code": item_code,
            "month": month,
            "treasury_fen": total.treasury_fen,
            "system_fen": total.system_fen,
            "receipts": total.receipts,
        }
        for (department, item_code, month), total in found.totals.items()
    ]
    if rows:
        connection.execute(insert(reconciliation_total).inline(), rows)
