"""A receipt of the treasury finds its payment: paid at the bank and in the file, or in the file alone, or otherwise."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, exists, func, select, update
from sqlalchemy.engine import Row

from service.commands.act import CaseAct
from service.commands.fire_timers import current
from service.commands.match_refund import SETTLED, end_of_day, match_refund
from service.commands.match_reversal import match_reversal
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.take_payment import TakePayment, keep_refused, take_payment
from service.database.tables import (
    case,
    ledger_entry,
    payment_notice,
    payment_reversal,
    receipt_share,
    treasury_receipt,
)
from service.errors import Refused
from service.fees.differences import CANDIDATE_DAYS, NoticeFacts, ReceiptFacts, candidates
from service.fees.ledger import receipt_reference
from service.fees.matching import Match, against_the_bank
from service.fees.receipt_row import is_reversal
from service.reads.hot import hot_by_number

_RECEIPT = select(treasury_receipt).where(treasury_receipt.c.id == bindparam("id")).with_for_update()
_POSTED = select(ledger_entry.c.case_id, ledger_entry.c.pay_code, ledger_entry.c.amount_fen).where(
    ledger_entry.c.reference == bindparam("reference")
)
_NOTICE = (
    select(payment_notice.c.id, payment_notice.c.status, case.c.number, case.c.id.label("case_id"))
    .join(case, case.c.id == payment_notice.c.case_id)
    .where(payment_notice.c.pay_code == bindparam("pay_code"))
)
_LIKE_IT = (
    select(payment_notice, case.c.number, case.c.department, case.c.created_at)
    .join(case, case.c.id == payment_notice.c.case_id)
    .where(
        payment_notice.c.amount_fen == bindparam("amount"),
        payment_notice.c.status == "unpaid",
        payment_notice.c.made_at.between(bindparam("since"), bindparam("until")),
        case.c.department == bindparam("department"),
    )
    .order_by(payment_notice.c.id)
)
_OUTCOME = (
    update(treasury_receipt)
    .where(treasury_receipt.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("status", "why", "case_id", "matched_code")})
)
# Money under a payment code that no file of the treasury has confirmed yet.
_UNCONFIRMED = select(func.count()).where(
    ledger_entry.c.kind == "received",
    ledger_entry.c.pay_code == bindparam("pay_code"),
    ~exists().where(
        treasury_receipt.c.receipt_no == func.substr(ledger_entry.c.reference, len(receipt_reference("")) + 1),
        treasury_receipt.c.status.in_(SETTLED),
    ),
    # What a person has found to be the money of a file's receipt.
    ~exists().where(
        receipt_share.c.stands_for == func.substr(ledger_entry.c.reference, len(receipt_reference("")) + 1),
        receipt_share.c.pay_code == ledger_entry.c.pay_code,
        receipt_share.c.decision == "confirmed",
    ),
    # What the bank took back is no money under the code any more, whichever file tells of it.
    ~exists().where(
        payment_reversal.c.receipt_no == func.substr(ledger_entry.c.reference, len(receipt_reference("")) + 1),
        payment_reversal.c.status == "posted",
    ),
)
_RECONCILE = (
    update(payment_notice)
    .where(payment_notice.c.id == bindparam("b_id"), payment_notice.c.status == "paid")
    .values(status="reconciled")
)


def match_receipt(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message `treasury_receipt`: doing it twice changes nothing.

    What the bank's callback has not told is booked on the treasury's word: only these two make a notice paid.
    """
    receipt = connection.execute(_RECEIPT, {"id": payload["receipt_id"]}).one_or_none()
    if receipt is None:
        return
    match = Match(receipt.status, receipt.why, receipt.case_id, receipt.matched_code)
    if receipt.status == "waiting":
        match = _matched(connection, services, receipt, now)
        values = {"status": match.status, "why": match.why, "case_id": match.case_id, "matched_code": match.code}
        connection.execute(_OUTCOME, {"b_id": receipt.id, **values})
    if match.status in SETTLED and match.code and receipt.amount_fen > 0:
        reconcile_notice(connection, services, match.code, now)


def _matched(connection: Connection, services: Services, receipt: Row[Any], now: datetime) -> Match:
    if receipt.amount_fen < 0 and is_reversal(receipt.kind):
        return match_reversal(connection, services, receipt, now)
    if receipt.amount_fen < 0:
        status, why, case_id = match_refund(connection, services, receipt, now)
        return Match(status, why, case_id, receipt.pay_code or None if status in SETTLED else None)
    posted = connection.execute(_POSTED, {"reference": receipt_reference(receipt.receipt_no)}).all()
    if posted:
        return against_the_bank(posted, receipt)
    if not receipt.pay_code:
        return Match(*_by_payer(connection, services, receipt))
    notice = connection.execute(_NOTICE, {"pay_code": receipt.pay_code}).one_or_none()
    paid_at = end_of_day(services, receipt.paid_on, now)
    command = TakePayment(receipt.pay_code, receipt.amount_fen, receipt.receipt_no, paid_at, "treasury")
    try:
        with connection.begin_nested():
            take_payment(connection, services, command, now)
    except Refused as refusal:
        keep_refused(connection, command, refusal, now)
        return Match("unmatched", "unknown_code" if notice is None else refusal.code)
    return Match("booked", None, notice.case_id if notice else None, receipt.pay_code)


def _by_payer(connection: Connection, services: Services, receipt: Row[Any]) -> tuple[str, str | None, int | None]:
    """Without a code: the one notice that may be meant is shown as candidate; nothing is booked on a likeness."""
    zone, days = services.settings.zone, timedelta(days=CANDIDATE_DAYS + 1)
    noon = datetime.combine(receipt.paid_on, time(12), tzinfo=zone)
    asked = {"amount": receipt.amount_fen, "department": receipt.dept_code}
    rows = connection.execute(_LIKE_IT, {**asked, "since": noon - days, "until": noon + days}).all()
    cases = {row.pay_code: row.case_id for row in rows}
    facts = receipt.receipt_no, receipt.dept_code, receipt.item_code, receipt.payer, receipt.amount_fen, receipt.paid_on
    found = candidates(ReceiptFacts(*facts), [_facts(row, zone) for row in rows])
    if len(found) == 1:
        return "unmatched", "candidate", cases[found[0].pay_code]
    return "unmatched", "several_candidates" if found else "no_code", None


def _facts(row: Row[Any], zone: ZoneInfo) -> NoticeFacts:
    made_on, entered_on = (at.astimezone(zone).date() for at in (row.made_at, row.created_at))
    about = row.pay_code, row.number, row.department, row.item_code, row.payer, row.amount_fen
    return NoticeFacts(*about, made_on, entered_on)


def reconcile_notice(connection: Connection, services: Services, pay_code: str, now: datetime) -> None:
    """A notice is reconciled once all its money is in files of the treasury."""
    notice = connection.execute(_NOTICE, {"pay_code": pay_code}).one_or_none()
    if notice is None or notice.status != "paid":
        return
    if connection.execute(_UNCONFIRMED, {"pay_code": pay_code}).scalar_one():
        return
    row = current(connection, services, lambda: hot_by_number(connection, notice.number), now)
    if row is None or connection.execute(_RECONCILE, {"b_id": notice.id}).rowcount != 1:
        return
    act = CaseAct(connection, services, row, now)
    act.note("payment_reconciled", None, pay_code=pay_code)
    record_events(act)
