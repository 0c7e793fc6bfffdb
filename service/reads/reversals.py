"""Payments of a case that the bank took back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from service.database.tables import payment_reversal

_OF_CASE = (
    select(payment_reversal).where(payment_reversal.c.case_id == bindparam("case_id")).order_by(payment_reversal.c.id)
)


@dataclass(frozen=True, slots=True)
class ReversalView:
    """`status` is posted, waiting for its payment, or refused because its payment says something else."""

    reversal_no: str
    receipt_no: str
    pay_code: str
    amount_fen: int
    reason: str
    reversed_at: datetime
    via: str
    status: str


def reversals_of_case(connection: Connection, case_id: int) -> tuple[ReversalView, ...]:
    """In the order in which they were told."""
    rows = connection.execute(_OF_CASE, {"case_id": case_id})
    return tuple(
        ReversalView(
            *(row.reversal_no, row.receipt_no, row.pay_code, row.amount_fen),
            *(row.reason, row.reversed_at, row.via, row.status),
        )
        for row in rows
    )
