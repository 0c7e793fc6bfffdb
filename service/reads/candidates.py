"""What a receipt that found no notice by itself may belong to, and what people have said of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.engine import Row

from service.database.tables import case, ledger_entry, payment_notice, person, receipt_share, treasury_receipt
from service.fees.differences import CANDIDATE_DAYS
from service.fees.ledger import Account, receipt_reference
from service.fees.matching import Candidate, LostReceipt, OpenNotice, candidates_of
from service.working_time import WorkingCalendar

_MOST = 200
_SPAN = timedelta(days=CANDIDATE_DAYS + 1)
_RECEIPT = select(treasury_receipt).where(treasury_receipt.c.id == bindparam("id"))
_NOTICES = (
    select(
        payment_notice.c.pay_code,
        payment_notice.c.item_code,
        payment_notice.c.payer,
        payment_notice.c.made_at,
        payment_notice.c.status,
        case.c.number,
        case.c.department,
    )
    .join(case, case.c.id == payment_notice.c.case_id)
    .where(
        payment_notice.c.status.in_(("unpaid", "paid")),
        payment_notice.c.made_at.between(bindparam("since"), bindparam("until")),
        case.c.department == bindparam("department"),
    )
    .order_by(payment_notice.c.id)
    .limit(_MOST)
)
# What stands under a notice: what it asked for less what came, and what the bank told.
_BALANCES = select(
    ledger_entry.c.pay_code,
    ledger_entry.c.kind,
    ledger_entry.c.reference,
    ledger_entry.c.debit,
    ledger_entry.c.credit,
    ledger_entry.c.amount_fen,
).where(ledger_entry.c.pay_code.in_(bindparam("codes", expanding=True)))
_IN_FILES = select(treasury_receipt.c.receipt_no).where(
    treasury_receipt.c.receipt_no.in_(bindparam("numbers", expanding=True))
)
_STOOD_FOR = select(receipt_share.c.stands_for).where(
    receipt_share.c.decision == "confirmed", receipt_share.c.stands_for.in_(bindparam("numbers", expanding=True))
)
_OTHERS = (
    select(treasury_receipt)
    .where(
        treasury_receipt.c.status == "unmatched",
        treasury_receipt.c.amount_fen > 0,
        treasury_receipt.c.dept_code == bindparam("department"),
        treasury_receipt.c.paid_on.between(bindparam("since"), bindparam("until")),
    )
    .order_by(treasury_receipt.c.id)
    .limit(_MOST)
)
_SAID = (
    select(receipt_share, person.c.name.label("person_name"))
    .join(person, person.c.id == receipt_share.c.decided_by)
    .where(receipt_share.c.receipt_id == bindparam("id"))
    .order_by(receipt_share.c.id)
)
_NOTICE = (
    select(payment_notice.c.made_at, case.c.department)
    .join(case, case.c.id == payment_notice.c.case_id)
    .where(payment_notice.c.pay_code == bindparam("pay_code"))
)


@dataclass(frozen=True, slots=True)
class CandidateView:
    """`notices` by payment code: the case and what is paid of it. `proposed_by`: who has said so, where two must."""

    parts: tuple[tuple[str, str, int], ...]
    reasons: tuple[str, ...]
    days_apart: int
    others: tuple[str, ...]
    sure: bool
    told_as: str
    proposed_by: str | None

    @property
    def key(self) -> str:
        return ",".join(f"{code}:{fen}" for code, _, fen in self.parts)


@dataclass(frozen=True, slots=True)
class ReceiptOfNotice:
    """A receipt that may be the money of a notice that nobody has paid."""

    receipt_id: int
    receipt_no: str
    payer: str
    amount_fen: int
    reasons: tuple[str, ...]


def read_candidates(connection: Connection, calendar: WorkingCalendar, receipt_id: int) -> list[CandidateView]:
    """Of a receipt that is not matched; those that somebody has declined are left out."""
    row = connection.execute(_RECEIPT, {"id": receipt_id}).one_or_none()
    if row is None or row.status != "unmatched" or row.amount_fen <= 0:
        return []
    said = connection.execute(_SAID, {"id": receipt_id}).all()
    declined = {one.pay_code for one in said if one.decision == "declined"}
    proposed = {(one.pay_code, one.amount_fen): one.person_name for one in said if one.decision == "proposed"}
    notices = {one.pay_code: one for one in _open_notices(connection, calendar, row.dept_code, row.paid_on)}
    others = [_lost(one) for one in _near(connection, row.dept_code, row.paid_on) if one.id != row.id]
    found = candidates_of(_lost(row), notices.values(), others)
    return [_view(one, notices, proposed) for one in found if declined.isdisjoint(one.parts)]


def receipts_of_notice(connection: Connection, calendar: WorkingCalendar, pay_code: str) -> list[ReceiptOfNotice]:
    """The other way round: receipts without a case that may be what a notice waits for."""
    notice = connection.execute(_NOTICE, {"pay_code": pay_code}).one_or_none()
    if notice is None:
        return []
    made_on = calendar.local_date(notice.made_at)
    open_notices = _open_notices(connection, calendar, notice.department, made_on)
    receipts = _near(connection, notice.department, made_on)
    found = []
    for row in receipts:
        others = [_lost(one) for one in receipts if one.id != row.id]
        for one in candidates_of(_lost(row), open_notices, others):
            if pay_code in one.parts:
                found.append(ReceiptOfNotice(row.id, row.receipt_no, row.payer, row.amount_fen, one.reasons))
                break
    return found


def _view(one: Candidate, notices: dict[str, OpenNotice], proposed: dict[tuple[str, int], str]) -> CandidateView:
    parts = tuple((code, notices[code].case, fen) for code, fen in one.parts.items())
    by = next((name for (code, fen), name in proposed.items() if one.parts.get(code) == fen), None)
    return CandidateView(parts, one.reasons, one.days_apart, one.others, one.sure, one.told_as, by)


def _lost(row: Row[Any]) -> LostReceipt:
    return LostReceipt(row.receipt_no, row.dept_code, row.item_code, row.payer, row.amount_fen, row.paid_on)


def _near(connection: Connection, department: str, on: Any) -> list[Row[Any]]:
    asked = {"department": department, "since": on - _SPAN, "until": on + _SPAN}
    return list(connection.execute(_OTHERS, asked))


def _open_notices(connection: Connection, calendar: WorkingCalendar, department: str, on: Any) -> list[OpenNotice]:
    """What unpaid notices still ask for; of paid ones, money of the bank that no file has."""
    noon = datetime.combine(on, time(12), tzinfo=calendar.zone)
    asked = {"department": department, "since": noon - _SPAN, "until": noon + _SPAN}
    rows: Any = connection.execute(_NOTICES, asked).all()
    entries: dict[str, list[Any]] = defaultdict(list)
    if rows:
        for entry in connection.execute(_BALANCES, {"codes": [row.pay_code for row in rows]}):
            entries[entry.pay_code].append(entry)
    told = {code: _told(of_code) for code, of_code in entries.items()}
    numbers = {"numbers": [number for of_code in told.values() for number in of_code]}
    known = {*connection.execute(_IN_FILES, numbers).scalars(), *connection.execute(_STOOD_FOR, numbers).scalars()}
    found = []
    for row in rows:
        about = row.pay_code, row.number, row.department, row.item_code, row.payer
        made_on = calendar.local_date(row.made_at)
        if (left := _left(entries[row.pay_code])) > 0:
            found.append(OpenNotice(*about, left, made_on))
        for number, fen in told.get(row.pay_code, {}).items():
            if number not in known:
                found.append(OpenNotice(*about, fen, made_on, told_as=number))
    return found


def _left(entries: list[Any]) -> int:
    owed = Account.NOTIFIED.value
    return sum(each.amount_fen * ((each.debit == owed) - (each.credit == owed)) for each in entries)


def _told(entries: list[Any]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for each in entries:
        if each.kind == "received":
            found[str(each.reference).removeprefix(receipt_reference(""))] += each.amount_fen
    return found
