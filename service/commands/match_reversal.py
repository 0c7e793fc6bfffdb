"""A payment that the bank took back, as the treasury tells it: told by the bank before, or posted on its word."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, exists, func, select
from sqlalchemy.engine import Row

from service.commands.match_refund import end_of_day
from service.commands.reverse_payment import ReversePayment, keep_refused_reversal, reverse_payment
from service.commands.services import Services
from service.database.tables import ledger_entry, payment_reversal, treasury_receipt
from service.errors import Refused
from service.fees.ledger import receipt_reference
from service.fees.matching import Match

UNKNOWN: Final = "reversal_unknown"
_TOLD = select(payment_reversal).where(payment_reversal.c.reversal_no == bindparam("reversal_no"))
_RECEIPT_NO = func.substr(ledger_entry.c.reference, len(receipt_reference("")) + 1)
# Payments under a code that nobody has taken back, by what each brought in all.
_STANDING = (
    select(_RECEIPT_NO.label("receipt_no"))
    .where(
        ledger_entry.c.kind == "received",
        ledger_entry.c.pay_code == bindparam("pay_code"),
        ~exists().where(payment_reversal.c.receipt_no == _RECEIPT_NO, payment_reversal.c.status == "posted"),
    )
    .group_by(ledger_entry.c.reference)
    .having(func.sum(ledger_entry.c.amount_fen) == bindparam("amount"))
)
# The payment may stand behind its reversal in the same file.
_COMING = select(treasury_receipt.c.receipt_no).where(
    treasury_receipt.c.pay_code == bindparam("pay_code"),
    treasury_receipt.c.amount_fen == bindparam("amount"),
    treasury_receipt.c.status == "waiting",
)
# Files name the receipt that is undone in their note, if they name it at all.
_NAMED = re.compile(r"[0-9A-Za-z-]{4,64}")


def match_reversal(connection: Connection, services: Services, receipt: Row[Any], now: datetime) -> Match:
    """What became of a reversal's row: matched with the bank's word, booked where the bank was silent, or unmatched.

    Which payment is meant the file's note says; without it only the one payment of that code and amount can be.
    """
    told = connection.execute(_TOLD, {"reversal_no": receipt.receipt_no}).one_or_none()
    if told is not None:
        return _against_the_bank(told, receipt)
    amount = -receipt.amount_fen
    asked = {"pay_code": receipt.pay_code, "amount": amount}
    found = list(connection.execute(_STANDING, asked).scalars()) or list(connection.execute(_COMING, asked).scalars())
    named = [one for one in found if one in _NAMED.findall(receipt.note)]
    if len(found) == 1 or named:
        return _book(connection, services, receipt, (named or found)[0], now)
    unknown = ReversePayment(receipt.receipt_no, "", receipt.pay_code, amount, receipt.note, now, "treasury")
    keep_refused_reversal(connection, unknown, now)
    return Match("unmatched", UNKNOWN)


def _against_the_bank(told: Any, receipt: Row[Any]) -> Match:
    if receipt.pay_code and receipt.pay_code != told.pay_code:
        return Match("differs", "pay_code", told.case_id, told.pay_code)
    if told.amount_fen != -receipt.amount_fen:
        return Match("differs", "amount", told.case_id, told.pay_code)
    return (
        Match("matched", None, told.case_id, told.pay_code) if told.status == "posted" else Match("unmatched", UNKNOWN)
    )


def _book(connection: Connection, services: Services, receipt: Row[Any], of_receipt: str, now: datetime) -> Match:
    at = end_of_day(services, receipt.paid_on, now)
    about = receipt.receipt_no, of_receipt, receipt.pay_code, -receipt.amount_fen, receipt.note
    command = ReversePayment(*about, at, "treasury")
    try:
        with connection.begin_nested():
            reverse_payment(connection, services, command, now)
    except Refused:
        keep_refused_reversal(connection, command, now)
        return Match("unmatched", UNKNOWN)
    kept = connection.execute(_TOLD, {"reversal_no": receipt.receipt_no}).one()
    return Match("booked", None, kept.case_id, receipt.pay_code)
