"""Money: a notice on request, and the bank's word that it was paid. Nobody else can make a notice paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from service.commands import documents, fees
from service.commands.act import CaseAct
from service.commands.checks import require_entry
from service.commands.fire_timers import current
from service.commands.receive_message import open_case_act
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.unmatched import Unmatched, note_unmatched
from service.commands.writing import settle
from service.database.tables import case, payment_notice
from service.errors import Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import hot_by_number


@dataclass(frozen=True, slots=True)
class TakePayment:
    """The bank's callback, its signature already verified by the shell."""

    pay_code: str
    amount_fen: int
    bank_reference: str
    paid_at: datetime

    def unmatched(self, why: str) -> Unmatched:
        """The same payment, as one that belongs to no notice."""
        return Unmatched(self.pay_code, self.bank_reference, self.amount_fen, self.paid_at, why)


_STANDING = select(payment_notice.c.status, payment_notice.c.bank_reference).where(
    payment_notice.c.id == bindparam("id")
)


def make_payment_notice(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> int:
    """Make the case's payment notice, or give the one that stands; its id. Raises Refused: not_permitted, not_found."""
    act = open_case_act(connection, services, number, now, actor)
    if not may(actor, "make_payment_notice", act.row.case_department):
        raise Refused("not_permitted", "您的岗位不能开具缴款通知书", "Expected a clerk or cashier of the department")
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
    """Book a payment; False if this one was booked before (a doubled callback changes nothing).

    Money for a notice that is void or paid already is kept as an unmatched payment, False as well. What is refused here
    the shell keeps (`keep_refused`), since a refusal undoes its transaction.

    A step that waits for the payment goes on. Raises Refused: not_found, invalid_request for a wrong amount or for a
    receipt that has paid another notice.
    """
    notice = connection.execute(
        select(payment_notice, case.c.number)
        .join(case, case.c.id == payment_notice.c.case_id)
        .where(payment_notice.c.pay_code == command.pay_code)
    ).one_or_none()
    if notice is None:
        raise not_found("该缴款码", f"payment notice {command.pay_code}")
    row = current(connection, services, lambda: hot_by_number(connection, notice.number), now)
    if row is None:
        return False
    standing = connection.execute(_STANDING, {"id": notice.id}).one()
    if standing.status != "unpaid":
        if standing.bank_reference != command.bank_reference:
            note_unmatched(connection, command.unmatched(standing.status), now)
        return False
    if command.amount_fen != notice.amount_fen:
        raise Refused(
            "invalid_request",
            "缴款金额与通知书不符",
            f"Expected {notice.amount_fen} fen, but the bank reports {command.amount_fen}",
            facts={"why": "wrong_amount"},
        )
    _require_own_receipt(connection, command)
    connection.execute(
        update(payment_notice)
        .where(payment_notice.c.id == notice.id)
        .values(status="paid", paid_at=command.paid_at, bank_reference=command.bank_reference)
    )
    _go_on(CaseAct(connection, services, row, now), command)
    return True


def keep_refused(connection: Connection, command: TakePayment, refusal: Refused, now: datetime) -> None:
    """The bank has the money all the same: keep what was refused, in a transaction of its own."""
    why = "unknown_code" if refusal.code == "not_found" else refusal.facts.get("why")
    if why is not None:
        note_unmatched(connection, command.unmatched(str(why)), now)


def _require_own_receipt(connection: Connection, command: TakePayment) -> None:
    used = select(payment_notice.c.pay_code).where(payment_notice.c.bank_reference == command.bank_reference)
    other = connection.execute(used).scalar_one_or_none()
    if other is not None:
        raise Refused(
            "invalid_request",
            "该银行流水号已用于另一缴款通知书",
            f"Expected a new receipt of the bank, but {command.bank_reference} has paid another notice",
            facts={"why": "receipt_reused"},
        )


def _go_on(act: CaseAct, command: TakePayment) -> None:
    act.note(
        "payment_received",
        None,
        pay_code=command.pay_code,
        amount_fen=command.amount_fen,
        bank_reference=command.bank_reference,
    )
    if act.row.case_status in ("completed", "terminated", "halted"):
        record_events(act)
        return
    act.load()
    if act.run.receive("payment", {}) is None:
        record_events(act)
        return
    outcome = act.run.outcome()
    require_entry(act, outcome)
    settle(act, outcome)
