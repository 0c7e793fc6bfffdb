"""What was decided about a fee is posted: in the ledger of the fee's own case, and for a refund told to the bank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from service.commands import documents, fees
from service.commands.act import CaseAct
from service.commands.booking import book
from service.commands.propose_fee_change import REDUCTION
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.take_payment import go_on
from service.commands.telling import tell_applicant, yuan
from service.commands.unmatched import Unmatched, note_unmatched
from service.database.tables import case, fee_change, payment_notice
from service.errors import Refused
from service.fees.ledger import Account, Entry, approve_refund, pay_refund, reduce, withdraw
from service.reads.hot import hot_by_id

BANK_REFUND: Final = "bank_refund"
_CHANGE = (
    select(fee_change, case.c.number)
    .join(case, case.c.id == fee_change.c.case_id)
    .where(fee_change.c.case_id == bindparam("case_id"))
    .with_for_update(of=fee_change)
)
_BY_NUMBER = (
    select(fee_change, case.c.number)
    .join(case, case.c.id == fee_change.c.case_id)
    .where(case.c.number == bindparam("number"), fee_change.c.kind == "refund")
    .with_for_update(of=fee_change)
)
_SETTLE = update(fee_change).where(fee_change.c.case_id == bindparam("b_case_id"))
_REFUNDED = update(payment_notice).where(payment_notice.c.pay_code == bindparam("b_code")).values(status="refunded")


def apply_fee_change(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message: post it. Doing it twice changes nothing; what the books do not bear any more is said so."""
    change = connection.execute(_CHANGE, {"case_id": payload["case_id"]}).one()
    row = hot_by_id(connection, change.of_case_id)
    if row is None or change.status != "open":
        return
    act = CaseAct(connection, services, row, now)
    try:
        _reduce(act, change) if change.kind == REDUCTION else _approve_refund(act, change)
    except ValueError as wrong:
        act.note("fee_change_impossible", None, by=change.number, reason=str(wrong))
        record_events(act)
        connection.execute(_SETTLE.values(status="impossible", settled_at=now), {"b_case_id": change.case_id})
        return
    connection.execute(_SETTLE.values(status="posted", settled_at=now), {"b_case_id": change.case_id})


def _reduce(act: CaseAct, change: Row[Any]) -> None:
    """Notices that still ask for something are void: a new one asks for the rest. ValueError as the ledger's rules."""
    act.load()
    asked = act.fee.calculation
    entries: list[Entry] = fees.assess_fee(act, asked) if asked is not None else []
    open_codes = [code for code in act.books.codes if act.books.balance(Account.NOTIFIED, code) > 0]
    for code in open_codes:
        entries += withdraw(act.books.then(entries), code)
    entries += reduce(act.books.then(entries), f"reduction/{change.number}", change.amount_fen)
    told = book(act, entries, change.legal_basis)
    for code in open_codes:
        fees.void_notice(act, code)
    act.note("fee_reduced", None, amount_fen=change.amount_fen, by=change.number, ledger=told)
    if open_codes and act.item is not None and act.item.fee is not None:
        named = fees.Named(act.item.fee.item_code, act.item.fee.name_zh, _lines(act, change))
        if fees.issue_notice(act, named, [], None) is not None:
            documents.make_for_step(act, "payment_notice")
    tell_applicant(act, "fee_reduced", amount=yuan(change.amount_fen), rest=_rest(act))
    go_on(act, moves=bool(open_codes) and act.books.outstanding <= 0)


def _rest(act: CaseAct) -> str:
    if (owed := act.books.balance(Account.NOTIFIED)) > 0:
        return f"尚需缴纳 {yuan(owed)} 元，请按新的缴款通知书缴款，原通知书作废"
    if (over := act.books.balance(Account.OVERPAID)) > 0:
        return f"多缴的 {yuan(over)} 元可以申请退款"
    return "无需再缴" if act.books.outstanding <= 0 else "其余部分将另行通知缴款"


def _lines(act: CaseAct, change: Row[Any]) -> list[dict[str, Any]]:
    reduced = act.books.of_kind("reduced_by_case")
    return [*act.fee.lines, {"amount_fen": -reduced, "quantity": 1, "condition": f"reduction == '{change.number}'"}]


def _approve_refund(act: CaseAct, change: Row[Any]) -> None:
    entries = approve_refund(act.books, f"refund/{change.number}", change.amount_fen)
    entries = [Entry(e.kind, e.reference, e.debit, e.credit, e.amount_fen, change.pay_code) for e in entries]
    told = book(act, entries, change.legal_basis)
    act.note("refund_approved", None, amount_fen=change.amount_fen, by=change.number, ledger=told)
    tell_applicant(act, "refund_approved", amount=yuan(change.amount_fen))
    act.send(BANK_REFUND, f"{BANK_REFUND}/{change.case_id}", {"case_id": change.case_id})
    record_events(act)


@dataclass(frozen=True, slots=True)
class TakeRefund:
    """The bank's word that it has paid money back; its signature is verified by the shell."""

    refund_no: str
    pay_code: str
    amount_fen: int
    bank_reference: str
    refunded_at: datetime


def take_refund(connection: Connection, services: Services, command: TakeRefund, now: datetime) -> bool:
    """Post it; False if it was posted before.

    Raises Refused not_found for a refund that nobody has approved (D10), or for another sum than was approved; the
    shell keeps these (`keep_unapproved`), since the money has left all the same.
    """
    change = connection.execute(_BY_NUMBER, {"number": command.refund_no}).one_or_none()
    agreed = change is not None and (change.amount_fen, change.pay_code) == (command.amount_fen, command.pay_code)
    if change is None or not agreed or change.status not in ("posted", "paid_back"):
        raise Refused(
            "not_found", "没有批准过这笔退款", f"Expected a refund that was approved, but {command.refund_no} was not"
        )
    if change.status == "paid_back":
        return False
    row = hot_by_id(connection, change.of_case_id)
    if row is None:
        return False
    act = CaseAct(connection, services, row, now)
    entries = pay_refund(act.books, f"refund_paid/{change.number}", command.amount_fen)
    entries = [Entry(e.kind, e.reference, e.debit, e.credit, e.amount_fen, change.pay_code) for e in entries]
    told = book(act, entries)
    act.note("refund_paid", None, amount_fen=command.amount_fen, by=change.number, ledger=told)
    if _all_back(act, change.pay_code):
        connection.execute(_REFUNDED, {"b_code": change.pay_code})
    settled = {"status": "paid_back", "settled_at": command.refunded_at, "bank_reference": command.bank_reference[:64]}
    connection.execute(_SETTLE.values(settled), {"b_case_id": change.case_id})
    tell_applicant(act, "refund_paid", amount=yuan(command.amount_fen))
    record_events(act)
    return True


def take_refund_on_asking(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message: the bank answered our question after a refund whose callback has not come. Twice is once."""
    said = TakeRefund(
        payload["refund_no"],
        payload["pay_code"],
        payload["amount_fen"],
        payload["receipt_no"],
        datetime.fromisoformat(payload["paid_at"]),
    )
    try:
        take_refund(connection, services, said, now)
    except Refused:
        keep_unapproved(connection, said, now)


def keep_unapproved(connection: Connection, command: TakeRefund, now: datetime) -> None:
    """The cashier and the supervisor see it; it is in no ledger, for nobody has decided it."""
    kept = Unmatched(
        command.pay_code, command.bank_reference, command.amount_fen, command.refunded_at, "refund_unapproved"
    )
    note_unmatched(connection, kept, now)


def _all_back(act: CaseAct, pay_code: str) -> bool:
    of_code = [entry for entry in act.books.entries if entry.pay_code == pay_code]
    came = sum(e.amount_fen for e in of_code if e.kind == "received")
    return came > 0 and came == sum(e.amount_fen for e in of_code if e.kind in ("refunded", "reversed"))
