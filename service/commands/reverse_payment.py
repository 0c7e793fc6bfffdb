"""冲正: the bank took a payment back. A counter-entry undoes it, what was paid is owed again, and the case waits again.

What was done on the payment stays done: of a certificate that is printed supervision is told, and nothing more is
printed before it is paid anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, exists, select, text, update

from service.cases.happened import PaymentReversed
from service.commands.act import CaseAct
from service.commands.booking import book
from service.commands.fire_timers import current
from service.commands.paying_later import follow_plan
from service.commands.print_document import gated_kinds
from service.commands.recording import record_events
from service.commands.renew_notice import ask_again, renew_notice
from service.commands.services import Services
from service.commands.telling import tell_applicant, yuan
from service.commands.telling_people import tell_people
from service.commands.unmatched import Unmatched, note_unmatched
from service.commands.writing import settle
from service.database.tables import (
    case,
    document,
    fee_change,
    fine_ticket,
    ledger_entry,
    payment_notice,
    payment_reversal,
    unmatched_payment,
    user_task,
)
from service.database.types import Instant
from service.engine import EngineFailure
from service.errors import Refused
from service.fees.books import PAID, post
from service.fees.ledger import (
    Account,
    Books,
    Entry,
    apply_overpaid,
    receipt_reference,
    reversal_reference,
    reverse,
)
from service.people.queries import holders_of
from service.reads.hot import hot_by_number

# In the state's memory: the step that waited for the payment and the scopes around it, innermost first.
PAID_AT: Final = "paid_at"
LONGEST_REASON: Final = 200
_CLOSED = ("completed", "terminated")
_KEEP = text(
    "INSERT INTO payment_reversal (reversal_no, receipt_no, pay_code, amount_fen, reason, reversed_at, received_at, "
    "via, status, case_id) VALUES (:reversal_no, :receipt_no, :pay_code, :amount_fen, :reason, :reversed_at, "
    ":received_at, :via, :status, :case_id) ON CONFLICT (reversal_no) DO UPDATE SET receipt_no = excluded.receipt_no, "
    "pay_code = excluded.pay_code, amount_fen = excluded.amount_fen, reason = excluded.reason, "
    "reversed_at = excluded.reversed_at, received_at = excluded.received_at, via = excluded.via, "
    "status = excluded.status, case_id = excluded.case_id WHERE payment_reversal.status = 'refused' AND "
    "(payment_reversal.receipt_no <> excluded.receipt_no OR payment_reversal.pay_code <> excluded.pay_code "
    "OR payment_reversal.amount_fen <> excluded.amount_fen)"
).bindparams(bindparam("reversed_at", type_=Instant), bindparam("received_at", type_=Instant))
_BY_NUMBER = select(payment_reversal).where(payment_reversal.c.reversal_no == bindparam("reversal_no"))
_EARLY = (
    select(payment_reversal)
    .where(payment_reversal.c.receipt_no == bindparam("receipt_no"), payment_reversal.c.status == "waiting")
    .order_by(payment_reversal.c.id)
    .limit(1)
)
_BECAME = (
    update(payment_reversal)
    .where(payment_reversal.c.reversal_no == bindparam("b_no"))
    .values(status=bindparam("status"), case_id=bindparam("case_id"))
)
_POSTED = select(ledger_entry.c.case_id, ledger_entry.c.pay_code, ledger_entry.c.amount_fen).where(
    ledger_entry.c.reference == bindparam("reference")
)
_NOTICE = select(payment_notice).where(payment_notice.c.pay_code == bindparam("pay_code"))
_NUMBER = (
    select(case.c.number)
    .join(payment_notice, payment_notice.c.case_id == case.c.id)
    .where(payment_notice.c.pay_code == bindparam("pay_code"))
)
_TICKET = select(fine_ticket.c.id).where(fine_ticket.c.pay_code == bindparam("pay_code"))
_NOT_BANKED = update(fine_ticket).where(fine_ticket.c.id == bindparam("b_id")).values(banked_at=None)
_UNPAID = (
    update(payment_notice)
    .where(payment_notice.c.id == bindparam("b_id"))
    .values(status="unpaid", paid_at=None, bank_reference=None)
)
_NO_REFUND = update(fee_change).where(
    fee_change.c.of_case_id == bindparam("b_case"), fee_change.c.kind == "refund", fee_change.c.status == "posted"
)
_SETTLE_UNMATCHED = update(unmatched_payment).where(
    unmatched_payment.c.bank_reference.in_(bindparam("b_numbers", expanding=True)),
    unmatched_payment.c.status == "open",
)
_PRINTED = select(
    exists().where(
        document.c.case_id == bindparam("case_id"),
        document.c.kind.in_(bindparam("kinds", expanding=True)),
        document.c.copies > 0,
    )
)
_IN_HAND = select(user_task.c.assignee).where(
    user_task.c.case_id == bindparam("case_id"), user_task.c.status == "open", user_task.c.assignee.is_not(None)
)


@dataclass(frozen=True, slots=True)
class ReversePayment:
    """The bank's word, its signature already verified by the shell; or a row of the treasury's file (`via`)."""

    reversal_no: str
    receipt_no: str
    pay_code: str
    amount_fen: int
    reason: str
    reversed_at: datetime
    via: str = "bank"


def reverse_payment(connection: Connection, services: Services, command: ReversePayment, now: datetime) -> bool:
    """Post it; False if it was told before, or is kept until the payment that it undoes is told.

    What was refused once for what it said is no word about what the bank puts right under the same number.
    Raises Refused invalid_request where the payment says something else: another code or amount, or it was taken back
    before. The shell keeps these (`keep_refused_reversal`).
    """
    known = connection.execute(_BY_NUMBER, {"reversal_no": command.reversal_no}).one_or_none()
    if known is not None and (known.status != "refused" or _says_the_same(known, command)):
        return False
    number = connection.execute(_NUMBER, {"pay_code": command.pay_code}).scalar_one_or_none()
    # Whoever takes the payment holds the same row: one of both sees the other.
    row = current(connection, services, lambda: hot_by_number(connection, number), now) if number else None
    posted = connection.execute(_POSTED, {"reference": receipt_reference(command.receipt_no)}).all()
    if not posted:
        return _wait_for_payment(connection, command, row.case_id if row is not None else None, now)
    told = {(one.case_id, one.pay_code) for one in posted}
    agreed = sum(one.amount_fen for one in posted) == command.amount_fen
    if row is not None and agreed and told == {(row.case_id, command.pay_code)}:
        act = CaseAct(connection, services, row, now)
        if reverse(act.books, command.receipt_no):
            if not _keep(connection, command, "posted", row.case_id, now):
                return False
            act.load()
            _post(act, command)
            return True
    elif agreed and {one.case_id for one in posted} == {None}:
        return _reverse_nobodys(connection, command, now)
    raise _differs(command)


def keep_refused_reversal(connection: Connection, command: ReversePayment, now: datetime) -> None:
    """The money has left all the same: cashiers and supervisors see it, in a transaction of its own."""
    if _keep(connection, command, "refused", None, now):
        _note_unmatched(connection, command, "reversal_differs", now)


def reversed_before(connection: Connection, receipt_no: str, pay_code: str, amount_fen: int) -> ReversePayment | None:
    """The reversal of this payment that was told before it. One that says something else is refused from now on."""
    kept = connection.execute(_EARLY, {"receipt_no": receipt_no}).one_or_none()
    if kept is None:
        return None
    about = kept.receipt_no, kept.pay_code, kept.amount_fen
    if about != (receipt_no, pay_code, amount_fen):
        connection.execute(_BECAME, {"b_no": kept.reversal_no, "status": "refused", "case_id": kept.case_id})
        return None
    return ReversePayment(kept.reversal_no, *about, kept.reason, kept.reversed_at, kept.via)


def reverse_at_once(act: CaseAct, command: ReversePayment) -> None:
    """The payment that such a reversal waited for has just been booked in this act: it is undone in the same."""
    became = {"b_no": command.reversal_no, "status": "posted", "case_id": act.row.case_id}
    act.connection.execute(_BECAME, became)
    _post(act, command)


def _wait_for_payment(connection: Connection, command: ReversePayment, case_id: int | None, now: datetime) -> bool:
    if _keep(connection, command, "waiting", case_id, now):
        _note_unmatched(connection, command, "reversal_early", now)
    return False


def _reverse_nobodys(connection: Connection, command: ReversePayment, now: datetime) -> bool:
    """Money under a code that nobody gave: it stood in the ledger as nobody's."""
    books = Books(
        (Entry("received", receipt_reference(command.receipt_no), Account.BANK, Account.UNMATCHED, command.amount_fen),)
    )
    found = f"found/{command.receipt_no}", reversal_reference(command.receipt_no)
    if any(connection.execute(_POSTED, {"reference": one}).first() is not None for one in found):
        raise _differs(command)
    if not _keep(connection, command, "posted", None, now):
        return False
    post(connection, None, reverse(books, command.receipt_no), now, ground=command.reason or None)
    _settle_unmatched(connection, command, now)
    return True


def _post(act: CaseAct, command: ReversePayment) -> None:
    """All that a reversal changes, on a case whose run is loaded."""
    connection, code = act.connection, command.pay_code
    notice = connection.execute(_NOTICE, {"pay_code": code}).one()
    entries = reverse(act.books, command.receipt_no)
    told = book(act, entries, command.reason or None)
    about = {"amount_fen": command.amount_fen, "bank_reference": command.receipt_no, "reversal": command.reversal_no}
    via = {"via": command.via} if command.via != "bank" else {}
    act.note("payment_reversed", None, pay_code=code, reason=command.reason, ledger=told, **about, **via)
    _settle_unmatched(connection, command, act.now)
    if any(entry.debit == Account.REFUND_DUE for entry in entries):
        _drop_refunds(act)
    _apply_overpaid(act, command)
    ticket = connection.execute(_TICKET, {"pay_code": code}).scalar_one_or_none()
    _ask_anew(act, notice, ticket)
    owed = act.books.outstanding + act.books.in_hand
    printed = bool(connection.execute(_PRINTED, _of_printed(act)).scalar_one())
    if owed > 0:
        closed = act.row.case_status in _CLOSED
        act.happened.append(PaymentReversed(command.receipt_no, command.amount_fen, owed, printed, closed))
    _tell(act, command, printed=printed, by_payer=ticket is None and owed > 0)
    _wait_again(act, moves=owed > 0 and not printed)


def _of_printed(act: CaseAct) -> dict[str, Any]:
    return {"case_id": act.row.case_id, "kinds": sorted(gated_kinds(act.item, act.bundle))}


def _drop_refunds(act: CaseAct) -> None:
    """What was to be refunded went back with the payment; the bank's word of paying it out too would be a fault."""
    act.connection.execute(_NO_REFUND.values(status="impossible", settled_at=act.now), {"b_case": act.row.case_id})
    act.note("fee_change_impossible", None, reason="the bank has taken the payment back")


def _apply_overpaid(act: CaseAct, command: ReversePayment) -> None:
    """What the payer has paid too much pays what is owed again: a second payment of the same notice, mostly."""
    left = act.books.balance(Account.NOTIFIED, command.pay_code)
    entries = apply_overpaid(act.books, command.pay_code, f"applied/{command.reversal_no}", left)
    if entries:
        told = book(act, entries, "冲正后以多缴款抵缴")
        fen = sum(entry.amount_fen for entry in entries)
        act.note("overpaid_applied", None, pay_code=command.pay_code, amount_fen=fen, ledger=told)


def _ask_anew(act: CaseAct, notice: Any, ticket: int | None) -> None:
    """The notice is unpaid again; one whose term is over, or that was withdrawn, gives way to a new one."""
    books = act.books
    left = books.balance(Account.NOTIFIED, notice.pay_code) if ticket is None else books.balance(Account.CASH_ORGAN)
    if left > 0 and notice.status in (*PAID, "refunded"):
        act.connection.execute(_UNPAID, {"b_id": notice.id})
    if ticket is not None:
        if left > 0:
            act.connection.execute(_NOT_BANKED, {"b_id": ticket})
        return
    if left > 0 and notice.due_at is not None and notice.due_at <= act.now:
        renew_notice(act, notice)
    elif act.books.balance(Account.ASSESSED) > 0:
        ask_again(act, notice)


def _wait_again(act: CaseAct, *, moves: bool) -> None:
    """Put the case back before the step that waited for this money; where it has gone too far, it stays there."""
    if act.row.case_status != "open":
        record_events(act)
        return
    waits = any(step.element.message == "payment" for step in act.run.waiting_steps())
    if waits or not moves:
        settle(act, act.run.outcome()) if follow_plan(act) else record_events(act)
        return
    for step in act.run.ready_steps():
        for place in act.run.memory.get(PAID_AT, ()):
            follow_plan(act)
            try:
                act.run.send_back(step.id, place)
            except EngineFailure:
                act.load()
                continue
            settle(act, act.run.outcome())
            return
    settle(act, act.run.outcome()) if follow_plan(act) else record_events(act)


def _tell(act: CaseAct, command: ReversePayment, *, printed: bool, by_payer: bool) -> None:
    """The payer by SMS; who has the case in hand, the cashiers and the supervisors in the product."""
    amount = yuan(command.amount_fen)
    if by_payer:
        tell_applicant(act, "payment_reversed", amount=amount)
    department = act.row.case_department
    people = [row[0] for post_of in ("cashier", "sup1") for row in holders_of(act.connection, post_of, department)]
    people += act.connection.execute(_IN_HAND, {"case_id": act.row.case_id}).scalars()
    if act.row.case_status in _CLOSED:
        state = "，本件已办结，欠款须追缴"
    else:
        state = "，证照已打印，缴清前不得再打印" if printed else "，缴清前不能制证、结案"
    words = f"缴款 {amount} 元（银行流水号 {command.receipt_no}）已被银行冲正{state}。"
    tell_people(act, people, "payment_reversed", words)


def _settle_unmatched(connection: Connection, command: ReversePayment, now: datetime) -> None:
    """What was too much of this payment, and the reversal that came early, wait for nobody any more."""
    settled = {"status": "settled", "settled_at": now, "ground": f"已冲正 {command.reversal_no}"}
    numbers = [command.receipt_no, command.reversal_no]
    connection.execute(_SETTLE_UNMATCHED.values(settled), {"b_numbers": numbers})


def _note_unmatched(connection: Connection, command: ReversePayment, why: str, now: datetime) -> None:
    kept = Unmatched(command.pay_code, command.reversal_no, command.amount_fen, command.reversed_at, why)
    note_unmatched(connection, kept, now)


def _keep(connection: Connection, command: ReversePayment, status: str, case_id: int | None, now: datetime) -> bool:
    """Whether nobody has told of it before, or it was refused and says something else now."""
    values = {
        "reversal_no": command.reversal_no[:64],
        "receipt_no": command.receipt_no[:64],
        "pay_code": command.pay_code[:40],
        "amount_fen": command.amount_fen,
        "reason": command.reason[:LONGEST_REASON],
        "reversed_at": command.reversed_at,
        "received_at": now,
        "via": command.via,
        "status": status,
        "case_id": case_id,
    }
    return connection.execute(_KEEP, values).rowcount == 1


def _says_the_same(known: Any, command: ReversePayment) -> bool:
    told = command.receipt_no, command.pay_code, command.amount_fen
    return bool((known.receipt_no, known.pay_code, known.amount_fen) == told)


def _differs(command: ReversePayment) -> Refused:
    return Refused(
        "invalid_request",
        "冲正与原缴款不符",
        f"Expected the receipt {command.receipt_no} as it was paid, and not taken back before",
        facts={"why": "reversal_differs"},
    )
