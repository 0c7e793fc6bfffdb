"""停机补录: a case that was received on a numbered paper receipt begins as of the instant that stands on it.

Limits count from there; minimum durations and everything that happens from now on count from now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from service.commands.act import CaseAct
from service.database.tables import outage, paper_receipt, receipt_block
from service.outages.receipts import (
    BLANK,
    ENTERED,
    KnownReceipt,
    receipt_refused,
    require_enterable,
    written_number,
)
from service.working_time import Limit

_UNMOVED = frozenset({"minimum", "too_early"})
_KNOWN = (
    select(
        paper_receipt.c.id,
        paper_receipt.c.number,
        receipt_block.c.department,
        paper_receipt.c.status,
        receipt_block.c.printed_at,
        outage.c.id.label("outage_id"),
        outage.c.number.label("outage"),
        outage.c.starts_at,
        outage.c.ends_at,
        outage.c.enter_by,
    )
    .join(receipt_block, receipt_block.c.id == paper_receipt.c.block_id)
    .outerjoin(outage, outage.c.id == receipt_block.c.outage_id)
    .where(paper_receipt.c.number == bindparam("number"))
)
_USE = (
    update(paper_receipt)
    .where(paper_receipt.c.id == bindparam("b_id"), paper_receipt.c.status == BLANK)
    .values(
        status=ENTERED,
        case_id=bindparam("case"),
        received_at=bindparam("received"),
        entered_at=bindparam("entered"),
        entered_by=bindparam("by"),
    )
)


@dataclass(frozen=True, slots=True)
class PaperReceipt:
    """What stands on the paper: its number, and when the window took the application in."""

    number: str
    received_at: datetime


def find_receipt(connection: Connection, given: PaperReceipt, department: str, now: datetime) -> KnownReceipt:
    """The receipt, if that department may enter it so. Raises Refused receipt_refused."""
    number = written_number(given.number)
    row = connection.execute(_KNOWN, {"number": number}).one_or_none() if number is not None else None
    known = KnownReceipt(**row._mapping) if row is not None else None
    return require_enterable(known, department, given.received_at, now)


def count_from_receipt(act: CaseAct, received_at: datetime) -> None:
    """Move the limits that the entry has armed back to the receipt; what has passed since falls due at once.

    What the diagram counts from a recorded day counts from the day of receipt anyway.
    """
    for timer in act.run.armed():
        if timer.role in _UNMOVED or timer.limit_unit is None or timer.counted_from != act.now:
            continue
        limit = Limit(timer.limit_value or 0, timer.limit_unit)  # type: ignore[arg-type]
        act.run.count_from(timer.id, received_at, act.calendar.due(limit, received_at))


def use_receipt(act: CaseAct, receipt: KnownReceipt, received_at: datetime) -> None:
    """Each number once: the receipt is this case's from now on, and the history says so. Raises Refused."""
    person = act.actor.person_id if act.actor is not None else None
    used = {"b_id": receipt.id, "case": act.row.case_id, "received": received_at, "entered": act.now, "by": person}
    if not act.connection.execute(_USE, used).rowcount:
        raise receipt_refused("receipt_used", "该收件凭证已补录过", "The receipt has been entered already")
    in_time = receipt.enter_by is not None and act.now <= receipt.enter_by
    act.record(
        "paper_receipt_entered",
        None,
        receipt=receipt.number,
        received_at=received_at.astimezone(act.calendar.zone).isoformat(),
        outage=receipt.outage,
        outage_id=receipt.outage_id,
        in_time=in_time,
    )
