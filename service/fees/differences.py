"""Where the system, the bank and the treasury differ about money: D1 to D10. Pure; nobody decides here.

The classes are those of the county's reconciliation: D1 not due yet, D2 overdue and unpaid, D3 less than asked, D4
more, D5 a receipt without a case, D6 a case entered after its receipt, D7 another department or item, D8 paid twice, D9
told by the bank and not in the treasury, D10 a refund that nobody has approved.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

CLASSES: Final = ("D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "D10")
# A receipt without a code belongs to a notice of fifteen natural days before or after it at most.
CANDIDATE_DAYS: Final = 15
# What the bank has told is in the treasury after three working days.
TREASURY_WORKING_DAYS: Final = 3
# A day and a number of working days: the day on which they are over.
AfterWorkingDays = Callable[[date, int], date]


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """A payment notice that asks for money; `due_on` is its last day. Void notices are asked for by nobody."""

    pay_code: str
    case: str
    department: str
    item_code: str
    payer: str
    amount_fen: int
    made_on: date
    case_entered_on: date
    due_on: date | None = None
    void: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """A receipt of the treasury; below nothing for money that went back. `notice` is the one that it was matched with.

    `approved`: of a refund, whether somebody has decided it.
    """

    receipt_no: str
    department: str
    item_code: str
    payer: str
    amount_fen: int
    paid_on: date
    notice: NoticeFacts | None = None
    approved: bool = False


@dataclass(frozen=True, slots=True)
class BankPayment:
    """A payment that the bank has told; `in_treasury` once a file of the treasury has it."""

    receipt_no: str
    notice: NoticeFacts
    amount_fen: int
    paid_on: date
    in_treasury: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One of CLASSES, about how much, with the receipt and the case that it concerns."""

    kind: str
    amount_fen: int
    department: str
    pay_code: str = ""
    case: str = ""
    receipt_no: str = ""


def find_differences(
    notices: Iterable[NoticeFacts],
    receipts: Iterable[ReceiptFacts],
    payments: Iterable[BankPayment],
    *,
    today: date,
    after_working_days: AfterWorkingDays,
) -> list[Difference]:
    """All differences on a day, by class. Money that only the bank has told counts as paid."""
    taken = sorted(receipts, key=lambda one: (one.paid_on, one.receipt_no))
    told = sorted(payments, key=lambda one: (one.paid_on, one.receipt_no))
    found = [*_of_notices(notices, taken, told, today), *_late_in_treasury(told, today, after_working_days)]
    for receipt in taken:
        found += _of_receipt(receipt)
    return sorted(found, key=lambda one: (CLASSES.index(one.kind), one.pay_code, one.receipt_no))


def candidates(receipt: ReceiptFacts, notices: Iterable[NoticeFacts]) -> list[NoticeFacts]:
    """Notices that a receipt without a code may belong to: same department, payer, amount, at most 15 days apart."""
    within = timedelta(days=CANDIDATE_DAYS)
    return [
        one
        for one in notices
        if not one.void
        and one.amount_fen == receipt.amount_fen
        and receipt.department != ""
        and one.department == receipt.department
        and same_payer(one.payer, receipt.payer)
        and abs(one.made_on - receipt.paid_on) <= within
    ]


def same_payer(one: str, other: str) -> bool:
    """Whether two spellings name the same payer: width, spaces and case of letters aside; nobody is like nobody."""
    return _plain(one) == _plain(other) != ""


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _of_notices(
    notices: Iterable[NoticeFacts], receipts: Sequence[ReceiptFacts], payments: Sequence[BankPayment], today: date
) -> Iterator[Difference]:
    """D1 to D4 and D8, by what came under each notice from whichever of both has told it."""
    came: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for receipt in receipts:
        if receipt.notice is not None and receipt.amount_fen > 0:
            came[receipt.notice.pay_code].append((receipt.receipt_no, receipt.amount_fen))
    known = {receipt.receipt_no for receipt in receipts}
    for payment in payments:
        if payment.receipt_no not in known:
            came[payment.notice.pay_code].append((payment.receipt_no, payment.amount_fen))
    for notice in notices:
        yield from _of_notice(notice, came[notice.pay_code], today)


def _of_notice(notice: NoticeFacts, came: Sequence[tuple[str, int]], today: date) -> Iterator[Difference]:
    asked = 0 if notice.void else notice.amount_fen
    total = sum(fen for _, fen in came)
    if 0 < total < asked:
        yield _about(notice, "D3", asked - total)
    elif total == 0 and asked > 0:
        overdue = notice.due_on is not None and notice.due_on < today
        yield _about(notice, "D2" if overdue else "D1", asked)
    left, paid = asked, False
    for receipt_no, fen in came:
        over = fen - max(left, 0)
        if over > 0:
            again = paid and fen == notice.amount_fen
            yield _about(notice, "D8" if again else "D4", over, receipt_no)
        left -= min(fen, max(left, 0))
        paid = paid or left <= 0 < asked


def _of_receipt(receipt: ReceiptFacts) -> Iterator[Difference]:
    """D5, D6, D7 and D10: what a receipt says by itself."""
    notice = receipt.notice
    if receipt.amount_fen < 0:
        if not receipt.approved:
            yield _told(receipt, "D10", -receipt.amount_fen)
        return
    if notice is None:
        yield _told(receipt, "D5", receipt.amount_fen)
        return
    if receipt.paid_on < notice.case_entered_on:
        yield _told(receipt, "D6", receipt.amount_fen)
    if (receipt.department or notice.department) != notice.department or (
        (receipt.item_code or notice.item_code) != notice.item_code
    ):
        yield _told(receipt, "D7", receipt.amount_fen)


def _late_in_treasury(payments: Sequence[BankPayment], today: date, after: AfterWorkingDays) -> Iterator[Difference]:
    for one in payments:
        if not one.in_treasury and after(one.paid_on, TREASURY_WORKING_DAYS) < today:
            yield _about(one.notice, "D9", one.amount_fen, one.receipt_no)


def _about(notice: NoticeFacts, kind: str, amount_fen: int, receipt_no: str = "") -> Difference:
    return Difference(kind, amount_fen, notice.department, notice.pay_code, notice.case, receipt_no)


def _told(receipt: ReceiptFacts, kind: str, amount_fen: int) -> Difference:
    notice = receipt.notice
    return Difference(
        kind,
        amount_fen,
        notice.department if notice else receipt.department,
        notice.pay_code if notice else "",
        notice.case if notice else "",
        receipt.receipt_no,
    )
