"""What a pass sees of fines that were taken on the spot: those whose limit is over, with whoever has them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select

from service.commands.services import Services
from service.database.rows import read_rows
from service.database.tables import case, fine_ticket, person
from supervision.collecting_papers import OF_CASE, case_ref
from supervision.facts import CashHeld

_TAKER, _RECEIVER = person.alias("cash_taker"), person.alias("cash_receiver")
_OF_TICKET = ("case_id", "amount_fen", "taken_by", "received_by", "received_at", "hand_over_by", "bank_by")
_HELD: Select[Any] = (
    select(
        fine_ticket.c.id,
        fine_ticket.c.number.label("ticket"),
        *(fine_ticket.c[name] for name in _OF_TICKET),
        *OF_CASE,
        _TAKER.c.name.label("taker"),
        _RECEIVER.c.name.label("receiver"),
    )
    .join(case, case.c.id == fine_ticket.c.case_id)
    .join(_TAKER, _TAKER.c.id == fine_ticket.c.taken_by)
    .outerjoin(_RECEIVER, _RECEIVER.c.id == fine_ticket.c.received_by)
    .where(fine_ticket.c.taken_at.is_not(None), fine_ticket.c.banked_at.is_(None))
    .where(
        or_(
            and_(fine_ticket.c.received_at.is_(None), fine_ticket.c.hand_over_by < bindparam("now")),
            and_(fine_ticket.c.received_at.is_not(None), fine_ticket.c.bank_by < bindparam("now")),
        )
    )
    .order_by(fine_ticket.c.id)
)


def cash_held(connection: Connection, services: Services, now: datetime) -> tuple[CashHeld, ...]:
    """Money beyond the two days of its officer, or of the organ that has it from him (行政处罚法 Art. 71)."""
    found = []
    for row in read_rows(connection, _HELD, {"now": now}):
        with_officer = row.received_at is None
        holder = (row.taken_by, row.taker) if with_officer else (row.received_by, row.receiver)
        stage, due = ("officer", row.hand_over_by) if with_officer else ("organ", row.bank_by)
        of_case = case_ref(connection, services, row)
        found.append(CashHeld(row.id, row.ticket, of_case, row.amount_fen, *holder, stage, due))
    return tuple(found)
