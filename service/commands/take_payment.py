"""Money: a notice on request, and the bank's word that it was paid. Nobody else can make a notice paid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.commands import documents, fees
from service.commands.act import CaseAct
from service.commands.booking import Told, book
from service.commands.checks import require_entry
from service.commands.fire_timers import current
from service.commands.paying_later import follow_plan
from service.commands.receipts import make_receipt
from service.commands.receive_message import open_case_act
from service.commands.recording import record_events
from service.commands.renew_notice import renew_notice
from service.commands.reverse_payment import PAID_AT, reverse_at_once, reversed_before
from service.commands.services import Services
from service.commands.unmatched import Unmatched, note_unmatched
from service.commands.writing import settle
from service.database.tables import case, fine_ticket, payment_notice
from service.errors import Refused, not_found
from service.fees.books import brought_to_the_bank, post, posted_by
from service.fees.ledger import Account, Entry, receipt_reference, receive, receive_unmatched, remit
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import hot_by_number


@dataclass(frozen=True, slots=True)
class TakePayment:
    """The bank's callback, its signature already verified by the shell; or the treasury's file (`via`)."""

    pay_code: str
    amount_fen: int
    bank_reference: str
    paid_at: datetime
    via: str = "bank"

    def unmatched(self, why: str) -> Unmatched:
        """The same payment, as one that belongs to no notice."""
        return Unmatched(self.pay_code, self.bank_reference, self.amount_fen, self.paid_at, why)


_BANKED = update(fine_ticket).where(fine_ticket.c.id == bindparam("b_id")).values(banked_at=bindparam("banked_at"))
_NOTICE = (
    select(payment_notice.c.id, case.c.number, fine_ticket.c.id.label("ticket"))
    .join(case, case.c.id == payment_notice.c.case_id)
    .outerjoin(fine_ticket, fine_ticket.c.pay_code == payment_notice.c.pay_code)
    .where(payment_notice.c.pay_code == bindparam("pay_code"))
)
_PAID = (
    update(payment_notice)
    .where(payment_notice.c.id == bindparam("b_id"))
    .values(status="paid", paid_at=bindparam("paid_at"), bank_reference=bindparam("bank_reference"))
)
_STANDING = select(payment_notice).where(payment_notice.c.id == bindparam("id"))


def make_payment_notice(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> int:
    """Make the case's payment notice, or give the one that stands; its id. Raises Refused: not_permitted, not_found."""
    act = open_case_act(connection, services, number, now, actor)
    if not may(actor, "make_payment_notice", act.row.case_department):
        raise Refused("not_permitted", "您的岗位不能开具缴款通知书", "Expected a clerk or cashier of the department")
    expired = fees.expired_notice(act)
    if expired is not None:
        act.load()
        notice_id = renew_notice(act, expired)
        if notice_id is None:
            raise Refused("not_found", "已无应缴款项", "Expected something that is still owed")
        record_events(act)
        return notice_id
    standing = fees.standing_notice(act)
    if standing is not None:
        return int(standing.id)
    act.load()
    if act.run.lookup("decision") != "grant":
        raise Refused(
            "not_waiting", "尚未作出准予决定，不能开具缴款通知书", "Expected a grant before the payment notice"
        )
    notice_id = fees.make_notice(act, None)
    if notice_id is None:
        raise Refused("not_found", "本件不收费", "Expected a fee on this case, but none is due")
    documents.make_for_step(act, "payment_notice")
    record_events(act)
    return notice_id


def take_payment(connection: Connection, services: Services, command: TakePayment, now: datetime) -> bool:
    """Post a payment; False if this one was posted before (a doubled callback changes nothing) or if no notice waits
    for it: then it is overpaid, and a cashier decides on it.

    Part of the amount leaves the notice unpaid; what is more than the rest is overpaid. A step that waits for the
    payment goes on once nothing is outstanding. Raises Refused: not_found, invalid_request for no amount at all, for
    a receipt that has paid another notice or was told with another amount; the shell keeps these (`keep_refused`),
    since a refusal undoes all.
    """
    notice = _asked_by(connection, command)
    row = current(connection, services, lambda: hot_by_number(connection, notice.number), now)
    if row is None or _posted_before(connection, command):
        return False
    act = CaseAct(connection, services, row, now)
    # The organ pays in what its officer took on the spot, or the payer what he owes.
    takes = receive if notice.ticket is None else remit
    entries = takes(act.books, command.pay_code, command.bank_reference, command.amount_fen)
    reversal = reversed_before(connection, command.bank_reference, command.pay_code, command.amount_fen)
    if reversal is None:
        return _book(act, command, notice, entries)
    act.load()  # The bank's word of taking it back was quicker.
    _note(act, command, book(act, entries))
    reverse_at_once(act, reversal)
    return False


def _asked_by(connection: Connection, command: TakePayment) -> Any:
    """The notice under whose code the money came, with its case's number and the ticket that it is about."""
    notice = connection.execute(_NOTICE, {"pay_code": command.pay_code}).one_or_none()
    if notice is None:
        raise not_found("该缴款码", f"payment notice {command.pay_code}")
    if command.amount_fen <= 0:
        raise Refused("invalid_request", "缴款金额须大于零", f"Expected an amount, found {command.amount_fen} fen")
    return notice


def _book(act: CaseAct, command: TakePayment, notice: Any, entries: list[Entry]) -> bool:
    """Post it on the case; whether the notice waited for it."""
    connection, after = act.connection, act.books.then(entries)
    standing = connection.execute(_STANDING, {"id": notice.id}).one()
    _keep_excess(connection, command, standing.status, entries, act.now)
    left = after.balance(Account.NOTIFIED, command.pay_code) if notice.ticket is None else after.in_hand
    fully = standing.status == "unpaid" and left == 0
    if fully:
        paid = {"paid_at": command.paid_at, "bank_reference": command.bank_reference}
        connection.execute(_PAID, {"b_id": notice.id, **paid})
    if fully and notice.ticket is not None:
        connection.execute(_BANKED, {"b_id": notice.ticket, "banked_at": act.now})
    told = book(act, entries)
    _note(act, command, told)
    act.load()
    if standing.status == "unpaid" and notice.ticket is None:  # Of what was taken on the spot the party has a ticket.
        make_receipt(act, standing, command.amount_fen, command.bank_reference, command.paid_at)
    go_on(act, moves=fully and after.outstanding <= 0)
    return bool(standing.status == "unpaid")


def keep_refused(connection: Connection, command: TakePayment, refusal: Refused, now: datetime) -> None:
    """The bank has the money all the same: keep what was refused, in a transaction of its own."""
    why = "unknown_code" if refusal.code == "not_found" else refusal.facts.get("why")
    if why is None:
        return
    note_unmatched(connection, command.unmatched(str(why)), now)
    reference = receipt_reference(command.bank_reference)
    if why == "unknown_code" and command.amount_fen > 0 and posted_by(connection, reference) is None:
        post(connection, None, receive_unmatched(command.bank_reference, command.amount_fen), now)


def _posted_before(connection: Connection, command: TakePayment) -> bool:
    """Raises Refused invalid_request if the receipt has paid another notice, or was told with another amount."""
    reference = receipt_reference(command.bank_reference)
    posted = posted_by(connection, reference)
    if posted is not None and posted.pay_code != command.pay_code:
        raise Refused(
            "invalid_request",
            "该银行流水号已用于另一缴款通知书",
            f"Expected a new receipt of the bank, but {command.bank_reference} has paid another notice",
            facts={"why": "receipt_reused"},
        )
    if posted is not None and (before := brought_to_the_bank(connection, reference)) != command.amount_fen:
        raise Refused(
            "invalid_request",
            "该银行流水号此前告知的金额不同",
            f"Expected {before} fen as told before of {command.bank_reference}, found {command.amount_fen}",
            facts={"why": "amount_differs"},
        )
    return posted is not None


def _keep_excess(
    connection: Connection, command: TakePayment, status: str, entries: list[Entry], now: datetime
) -> None:
    """What nobody asked for is shown to the cashier, who decides on it."""
    over = sum(entry.amount_fen for entry in entries if entry.credit == Account.OVERPAID)
    if over > 0:
        why = status if status != "unpaid" else "overpaid"
        note_unmatched(connection, replace(command, amount_fen=over).unmatched(why), now)


def _note(act: CaseAct, command: TakePayment, told: Told) -> None:
    act.note(
        "payment_received",
        None,
        pay_code=command.pay_code,
        amount_fen=command.amount_fen,
        bank_reference=command.bank_reference,
        ledger=told,
        **({"via": command.via} if command.via != "bank" else {}),
    )


def go_on(act: CaseAct, *, moves: bool) -> None:
    """Write the act; where nothing is owed any more, the step that waits for the payment goes on.

    Where less came under a plan of later payment, the case waits for its next part.
    """
    if act.row.case_status in ("completed", "terminated", "halted"):
        record_events(act)
        return
    act.load()
    if not moves:
        settle(act, act.run.outcome()) if follow_plan(act) else record_events(act)
        return
    waiting = next((step for step in act.run.waiting_steps() if step.element.message == "payment"), None)
    places = list(act.run.places_of(waiting.id)) if waiting is not None else []
    if act.run.receive("payment", {}) is None:
        record_events(act)
        return
    act.run.memory[PAID_AT] = places
    outcome = act.run.outcome()
    require_entry(act, outcome)
    settle(act, outcome)
