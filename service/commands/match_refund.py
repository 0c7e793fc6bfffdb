"""Money that went back, as the treasury tells it: what was decided is confirmed or posted, anything else is D10."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.engine import Row

from service.commands.apply_fee_change import TakeRefund, keep_unapproved, take_refund
from service.commands.services import Services
from service.database.tables import case, fee_change, treasury_receipt
from service.errors import Refused

SETTLED: Final = ("matched", "booked")
UNAPPROVED: Final = "refund_unapproved"
# What the bank has paid first: its word is what a file mostly confirms.
_DECIDED = (
    select(fee_change.c.of_case_id, fee_change.c.status, case.c.number)
    .join(case, case.c.id == fee_change.c.case_id)
    .where(
        fee_change.c.kind == "refund",
        fee_change.c.pay_code == bindparam("pay_code"),
        fee_change.c.amount_fen == bindparam("amount"),
        fee_change.c.status.in_(("posted", "paid_back")),
    )
    .order_by(fee_change.c.status, fee_change.c.case_id)
)
_BY_REFERENCE = (
    select(fee_change.c.of_case_id, fee_change.c.pay_code, fee_change.c.amount_fen)
    .where(fee_change.c.kind == "refund", fee_change.c.bank_reference == bindparam("reference"))
    .limit(1)
)
_CONFIRMED = select(func.count()).where(
    treasury_receipt.c.pay_code == bindparam("pay_code"),
    treasury_receipt.c.amount_fen == bindparam("back"),
    treasury_receipt.c.status.in_(SETTLED),
)


def match_refund(
    connection: Connection, services: Services, receipt: Row[Any], now: datetime
) -> tuple[str, str | None, int | None]:
    """What became of a receipt of money that went back: its status, why, and the case.

    Each refund that was decided is confirmed by one receipt; what the bank has not told is posted on the treasury's
    word. One that nobody has decided (D10) is kept where cashiers and supervisors see it.
    """
    told = connection.execute(_BY_REFERENCE, {"reference": receipt.receipt_no}).one_or_none()
    if told is not None:
        return _against_the_bank(told, receipt)
    amount, code = -receipt.amount_fen, receipt.pay_code
    decided = connection.execute(_DECIDED, {"pay_code": code, "amount": amount}).all() if code else []
    confirmed = connection.execute(_CONFIRMED, {"pay_code": code, "back": receipt.amount_fen}).scalar_one()
    said = TakeRefund("", code, amount, receipt.receipt_no, end_of_day(services, receipt.paid_on, now))
    if len(decided) <= confirmed:
        keep_unapproved(connection, said, now)
        return "unmatched", UNAPPROVED, None
    one = decided[confirmed]
    if one.status == "paid_back":
        return "matched", None, one.of_case_id
    return _post(connection, services, said, one, now)


def end_of_day(services: Services, day: date, now: datetime) -> datetime:
    """The treasury tells days; the end of one that is not over yet is now."""
    end = datetime.combine(day, time(23, 59, 59), tzinfo=services.settings.zone).astimezone(UTC)
    return min(now, end)


def _against_the_bank(told: Any, receipt: Row[Any]) -> tuple[str, str | None, int | None]:
    """The bank has told of this receipt before; both must say the same."""
    if receipt.pay_code and receipt.pay_code != told.pay_code:
        return "differs", "pay_code", told.of_case_id
    if told.amount_fen != -receipt.amount_fen:
        return "differs", "amount", told.of_case_id
    return "matched", None, told.of_case_id


def _post(
    connection: Connection, services: Services, said: TakeRefund, decided: Any, now: datetime
) -> tuple[str, str | None, int | None]:
    command = replace(said, refund_no=decided.number)
    try:
        with connection.begin_nested():
            take_refund(connection, services, command, now)
    except Refused:
        keep_unapproved(connection, command, now)
        return "unmatched", UNAPPROVED, None
    return "booked", None, decided.of_case_id
