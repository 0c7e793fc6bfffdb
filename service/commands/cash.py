"""Fines taken on the spot, on their way (行政处罚法 Art. 71): brought by the officer, counted, paid into the bank."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.engine import Row

from service.commands.act import CaseAct, require_not_suspended
from service.commands.booking import book
from service.commands.checks import require_entry
from service.commands.fees import pay_code, payer_of, void_notice
from service.commands.held_acts import require_own_terminal
from service.commands.print_document import act_on_any_case
from service.commands.receive_message import open_case_act
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.writing import settle
from service.database.tables import fine_ticket, payment_notice
from service.errors import Detail, Refused
from service.fees.ledger import Account, hand_over
from service.fees.spot import REMIT_WORKING_DAYS
from service.fees.tickets import USED
from service.people.actor import Actor
from service.user_tasks.rules import case_halted, permitted_holding

# Longer than the law gives the organ, so that the bank takes even what comes late; the limit is the ticket's own.
REMITTANCE_OPEN_DAYS = 30
_COLLECT = "collect"
_TICKET = (
    select(fine_ticket)
    .where(fine_ticket.c.case_id == bindparam("case_id"), fine_ticket.c.status == USED)
    .with_for_update()
)
_UPDATE = update(fine_ticket).where(fine_ticket.c.id == bindparam("b_id"))
_NOTICE = select(payment_notice).where(payment_notice.c.pay_code == bindparam("pay_code"))


def offer_cash(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> str:
    """The officer who took the money brings it to the cashier; the ticket's number.

    Raises Refused: not_found, not_permitted, not_waiting.
    """
    act = open_case_act(connection, services, number, now, actor)
    ticket = _ticket(act)
    if ticket.taken_by != actor.person_id:
        raise Refused("not_permitted", "由收缴罚款的执法人员本人交款", "Expected the officer who took the money")
    if ticket.offered_at is not None:
        raise Refused("not_waiting", "该笔罚款已提交交款", "Expected money that was not offered before")
    connection.execute(_UPDATE, {"b_id": ticket.id, "offered_at": now})
    act.record("cash_offered", None, ticket=ticket.number, amount_fen=ticket.amount_fen)
    record_events(act)
    return str(ticket.number)


def receive_cash(
    connection: Connection, services: Services, actor: Actor, number: str, amount_fen: int, now: datetime
) -> datetime:
    """The cashier has counted the money: it is the organ's, and due at the bank by the instant that is answered.

    Raises Refused: not_found, not_permitted, separation_of_duty, not_waiting, invalid_request for another amount than
    the ticket's, case_halted.
    """
    act = _cashiers_act(connection, services, actor, number, now)
    ticket = _ticket(act)
    if ticket.offered_at is None:
        raise Refused("not_waiting", "执法人员尚未提交交款", "Expected money that its officer has offered")
    if ticket.received_at is not None:
        raise Refused("not_waiting", "该笔罚款已收到", "Expected money that was not received before")
    if amount_fen != ticket.amount_fen:
        words = "清点金额须与票据金额一致", f"Expected the ticket's {ticket.amount_fen} fen, found {amount_fen}"
        raise Refused("invalid_request", *words, [Detail("amount", *words, pointer="/amount_fen")])
    until = act.calendar.add_working_days(act.today, REMIT_WORKING_DAYS)
    values = {"received_by": actor.person_id, "received_at": now, "bank_by": until}
    connection.execute(_UPDATE, {"b_id": ticket.id, **values})
    act.load()
    told = book(act, hand_over(act.books, ticket.number))
    act.record("cash_received", None, ticket=ticket.number, amount_fen=amount_fen, ledger=told)
    if act.run.receive("cash_received", {"handed_over_on": act.today.isoformat()}) is None:
        record_events(act)
        return until
    outcome = act.run.outcome()
    require_entry(act, outcome)
    settle(act, outcome)
    return until


def remit_cash(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> str:
    """A payment code by which the organ pays this money into the bank; the bank alone says that it has it.

    Raises Refused: not_found, not_permitted, separation_of_duty, not_waiting.
    """
    act = _cashiers_act(connection, services, actor, number, now, closed=True)
    ticket = _ticket(act)
    if act.books.balance(Account.CASH_ORGAN) <= 0:
        raise Refused("not_waiting", "本机关没有待缴付银行的罚款", "Expected money in the organ's hands")
    act.load()
    _void_expired(act, ticket)
    code = _ask(act, ticket)
    act.record("remittance_ordered", None, ticket=ticket.number, amount_fen=ticket.amount_fen, pay_code=code)
    act.send("bank_notice", f"bank_notice/{code}", {"pay_code": code})
    record_events(act)
    return code


def _ask(act: CaseAct, ticket: Row[Any]) -> str:
    code, fen = pay_code(), act.books.balance(Account.CASH_ORGAN)
    line = {"amount_fen": fen, "quantity": 1, "condition": "fine_amount"}
    values = {"case_id": act.row.case_id, "pay_code": code, "payer": payer_of(act), "amount_fen": fen, "lines": [line]}
    values |= {"item_code": act.item.fee.item_code if act.item and act.item.fee else "", "name_zh": "当场收缴罚款"}
    due = act.calendar.add_natural_days(act.now, REMITTANCE_OPEN_DAYS)
    act.connection.execute(insert(payment_notice), {**values, "status": "unpaid", "made_at": act.now, "due_at": due})
    act.connection.execute(_UPDATE, {"b_id": ticket.id, "pay_code": code})
    return code


def _void_expired(act: CaseAct, ticket: Row[Any]) -> None:
    """A code that nobody paid in its time gives way to a new one. Raises Refused not_waiting for one that stands."""
    if ticket.pay_code is None:
        return
    notice = act.connection.execute(_NOTICE, {"pay_code": ticket.pay_code}).one()
    if notice.status == "unpaid" and notice.due_at > act.now:
        words = f"已开具缴款码 {ticket.pay_code}", f"Expected no code, but {ticket.pay_code} stands"
        raise Refused("not_waiting", *words)
    if notice.status == "unpaid":
        void_notice(act, ticket.pay_code)


def _cashiers_act(
    connection: Connection, services: Services, actor: Actor, number: str, now: datetime, *, closed: bool = False
) -> CaseAct:
    """Whoever decided or took the money never counts it. What the bank has given back is paid in after the end too."""
    if closed:
        act = act_on_any_case(connection, services, actor, number, now)
    else:
        act = open_case_act(connection, services, number, now, actor)
    department = act.row.case_department
    act.holding = permitted_holding(actor, post="cashier", department=department, group=_COLLECT, actors=act.actors)
    if act.row.case_status == "halted":
        raise case_halted()
    require_not_suspended(act)
    require_own_terminal(act, _COLLECT)
    act.count_for_separation(_COLLECT, act.persons())
    return act


def _ticket(act: CaseAct) -> Row[Any]:
    row = act.connection.execute(_TICKET, {"case_id": act.row.case_id}).one_or_none()
    if row is None:
        raise Refused("not_waiting", "本件没有当场收缴的罚款", "Expected a fine that was taken on the spot")
    return row
