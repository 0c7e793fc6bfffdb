"""A payment of the demo county that its bank has taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from service.commands.performing import perform
from service.commands.reverse_payment import ReversePayment, reverse_payment
from service.commands.services import Services
from service.database.session import reading
from service.database.tables import case, payment_notice

# Of a case that goes on still: what has to be paid is owed again.
_IN_TIME = (
    select(payment_notice)
    .join(case, case.c.id == payment_notice.c.case_id)
    .where(
        payment_notice.c.status.in_(("paid", "reconciled")),
        case.c.status == "open",
    )
    .order_by(payment_notice.c.id.desc())
    .limit(1)
)


def load_reversal(engine: Engine, services: Services, now: datetime) -> bool:
    """The account of a payer who has paid was closed; False where no open case is paid."""
    with reading(engine) as connection:
        notice = connection.execute(_IN_TIME).one_or_none()
    if notice is None:
        return False
    receipt = str(notice.bank_reference)
    told = ReversePayment(
        f"V{receipt}"[:64], receipt, notice.pay_code, notice.amount_fen, "付款账户已销户，款项退回", now
    )
    return perform(engine, lambda connection: reverse_payment(connection, services, told, now))
