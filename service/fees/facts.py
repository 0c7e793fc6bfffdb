"""What the ledger answers to a gate. A fact is read, never set by a form."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, func, select

from service.catalogue.item import PowerItem
from service.database.tables import payment_notice

_BY_STATUS = (
    select(payment_notice.c.status, func.count(), func.sum(payment_notice.c.amount_fen))
    .where(payment_notice.c.case_id == bindparam("case_id"))
    .group_by(payment_notice.c.status)
)
SETTLED = ("paid", "reconciled")


def paid_fen(connection: Connection, case_id: int) -> int:
    """What has been paid for a case, in fen."""
    rows = connection.execute(_BY_STATUS, {"case_id": case_id}).all()
    return sum(int(amount) for status, _, amount in rows if status in SETTLED)


def due_fen(item: PowerItem | None, lookup: Callable[[str], object]) -> int:
    """What the fee standard asks of a case, in fen; 0 where the item has no fee."""
    return sum(line["amount_fen"] for line in item.fee.lines(lookup)) if item and item.fee else 0


def fee_fact(
    connection: Connection, case_id: int, item: PowerItem | None, name: str, lookup: Callable[[str], object]
) -> bool:
    """`fee_settled`: no fee is due, or all of it is paid; `paid`: something is due and all is paid; `fee_exempt`."""
    if name == "fee_exempt":
        return False
    owed = due_fen(item, lookup)
    if owed == 0:
        return name == "fee_settled"
    return paid_fen(connection, case_id) >= owed
