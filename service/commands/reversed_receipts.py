"""A receipt for a payment that the bank took back proves nothing any more: nobody gets a copy of it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, bindparam, exists, select

from service.database.tables import payment_reversal
from service.errors import Refused

RECEIPT: Final = "payment_receipt"
# The line of a receipt that tells under which number the bank took the payment.
BANK_REFERENCE: Final = "银行流水号"
_REVERSED = select(
    exists().where(payment_reversal.c.receipt_no == bindparam("receipt_no"), payment_reversal.c.status == "posted")
)


def require_standing(connection: Connection, row: Any, rows: Any) -> None:
    """Of a document's row and the lines of its text. Raises Refused certificate_ended."""
    if row.kind != RECEIPT:
        return
    number = next((value for name, value in rows or () if name == BANK_REFERENCE), "")
    if connection.execute(_REVERSED, {"receipt_no": number}).scalar_one():
        words = (
            "该笔缴款已被银行冲正，票据作废",
            "Expected a receipt that stands, but the bank has taken the payment back",
        )
        raise Refused("certificate_ended", *words)
