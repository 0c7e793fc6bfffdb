"""Whoever has money that was taken on the spot is told before its limit and when that is over (行政处罚法 Art. 71)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Row, bindparam, select

from service.commands.act import CaseAct
from service.commands.telling import yuan
from service.database.tables import fine_ticket, person
from service.notices.writing import Recipient, notify
from service.people.queries import holders_of

# The limits of the two waits, and what is then told of the ticket and its amount.
_ORGAN: Final = "await_hand_over_limit"
_BANK: Final = "await_remittance_limit"
_TEXTS: Final = {
    (_ORGAN, "yellow"): "票据 {ticket} 当场收缴的罚款 {amount} 元须在两个工作日内交至本机关，时限将到，请尽快交款。",
    (_ORGAN, "step_limit"): "票据 {ticket} 当场收缴的罚款 {amount} 元逾期未交至本机关，请立即交款。",
    (_BANK, "yellow"): "票据 {ticket} 的罚款 {amount} 元须在两个工作日内缴付银行，时限将到，请尽快缴付。",
    (_BANK, "step_limit"): "票据 {ticket} 的罚款 {amount} 元逾期未缴付银行，请立即缴付。",
}
_TICKET = (
    select(fine_ticket.c.number, fine_ticket.c.amount_fen, person.c.id, person.c.name, person.c.mobile)
    .join(person, person.c.id == fine_ticket.c.taken_by)
    .where(fine_ticket.c.case_id == bindparam("case_id"), fine_ticket.c.taken_at.is_not(None))
)


def remind_of_cash(act: CaseAct, due: Iterable[Row[Any]]) -> None:
    """The officer who took it, or the cashiers of the organ that has it from him."""
    for text in {_TEXTS[key] for row in due if (key := (row.element_id, row.role)) in _TEXTS}:
        ticket = act.connection.execute(_TICKET, {"case_id": act.row.case_id}).one()
        people = [(ticket.id, ticket.name, ticket.mobile)]
        if text in (_TEXTS[_BANK, "yellow"], _TEXTS[_BANK, "step_limit"]):
            people = holders_of(act.connection, "cashier", act.row.case_department)
        notify(
            act.connection,
            [Recipient(name, mobile, person_id) for person_id, name, mobile in people],
            case_id=act.row.case_id,
            kind="cash_due",
            text=text.format(ticket=ticket.number, amount=yuan(ticket.amount_fen)),
            now=act.now,
            sms=True,
        )
