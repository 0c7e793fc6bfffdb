"""Money that the bank took and that no payment notice waits for: kept where a cashier sees it, until it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text, update

from service.database.tables import case, payment_notice, unmatched_payment
from service.database.types import Instant
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may

# Why a payment cannot be booked: states of its notice, and what the callback itself says.
WHYS = (
    *("void", "paid", "reconciled", "refunded", "overpaid", "wrong_amount", "receipt_reused", "unknown_code"),
    *("refund_unapproved", "reversal_early", "reversal_differs", "amount_differs"),
)
LONGEST_CODE, LONGEST_REFERENCE = 40, 64

# The bank tells us at least once; the second time changes nothing.
_NOTE = text(
    "INSERT INTO unmatched_payment (pay_code, bank_reference, amount_fen, paid_at, received_at, why, case_id, "
    "department, status) VALUES (:pay_code, :bank_reference, :amount_fen, :paid_at, :received_at, :why, :case_id, "
    ":department, 'open') ON CONFLICT DO NOTHING"
).bindparams(bindparam("paid_at", type_=Instant), bindparam("received_at", type_=Instant))
_NOTICE = (
    select(case.c.id, case.c.department)
    .join(payment_notice, payment_notice.c.case_id == case.c.id)
    .where(payment_notice.c.pay_code == bindparam("pay_code"))
)
_ONE = select(unmatched_payment).where(unmatched_payment.c.id == bindparam("id"))
_SETTLE = update(unmatched_payment).where(
    unmatched_payment.c.id == bindparam("b_id"), unmatched_payment.c.status == "open"
)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A payment as the bank told it, and why it is not booked: one of WHYS."""

    pay_code: str
    bank_reference: str
    amount_fen: int
    paid_at: datetime
    why: str


def note_unmatched(connection: Connection, payment: Unmatched, now: datetime) -> None:
    """Keep it; told again for the same reason, it stays as it is."""
    about = connection.execute(_NOTICE, {"pay_code": payment.pay_code}).one_or_none()
    values = {
        "pay_code": payment.pay_code[:LONGEST_CODE],
        "bank_reference": payment.bank_reference[:LONGEST_REFERENCE],
        "amount_fen": payment.amount_fen,
        "paid_at": payment.paid_at,
        "received_at": now,
        "why": payment.why,
        "case_id": about.id if about else None,
        "department": about.department if about else None,
    }
    connection.execute(_NOTE, values)


def settle_unmatched(connection: Connection, actor: Actor, payment_id: int, ground: str, now: datetime) -> None:
    """Say what became of it: a refund, a transfer. One with no department may be settled by any cashier.

    Raises Refused: not_permitted, not_found, invalid_request without a ground or once it is settled.
    """
    row = connection.execute(_ONE, {"id": payment_id}).one_or_none()
    if row is None:
        raise not_found("该款项", f"unmatched payment {payment_id}")
    if not may(actor, "settle_unmatched_payments", row.department):
        raise Refused("not_permitted", "只有本部门财务可以登记", "Expected a cashier of the department")
    if not ground.strip():
        words = ("请写明处理结果", "Say what became of it")
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/ground")])
    values = {"status": "settled", "settled_at": now, "settled_by": actor.person_id, "ground": ground.strip()[:500]}
    if connection.execute(_SETTLE.values(values), {"b_id": payment_id}).rowcount != 1:
        raise Refused("invalid_request", "该款项已有处理结果", "Expected a payment that nobody has settled yet")
