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
    """A payment notice that asks for money; `due_on` is its last day. Void notices are asked for by nobody.

    `amount_fen` less `relieved_fen` (reduced, written off, paid by what came too much elsewhere) is what it asks for;
    `refunded_fen` went back by a decision, and `passed_on_fen` of what came too much pays another notice of its case.
    """

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
    relieved_fen: int = 0
    refunded_fen: int = 0
    case_id: int | None = None
    power_item: str = ""
    passed_on_fen: int = 0

    @property
    def asked_fen(self) -> int:
        return 0 if self.void else self.amount_fen - self.relieved_fen


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """A receipt of the treasury; below nothing for money that went back. `notice` is the one that it was matched with.

    `approved`: of a refund, whether somebody has decided it. `told_code`: the payment code that it tells itself.
    `undone`: the bank has taken it back since.
    """

    receipt_no: str
    department: str
    item_code: str
    payer: str
    amount_fen: int
    paid_on: date
    notice: NoticeFacts | None = None
    approved: bool = False
    told_code: str = ""
    receipt_id: int | None = None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Reversal:
    """The bank took a payment back; `in_treasury` once a file of the treasury has that."""

    number: str
    on: date
    in_treasury: bool


@dataclass(frozen=True, slots=True)
class BankPayment:
    """A payment that the bank has told; `in_treasury` once a file of the treasury has it."""

    receipt_no: str
    notice: NoticeFacts
    amount_fen: int
    paid_on: date
    in_treasury: bool
    reversal: Reversal | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One of CLASSES, about how much, with the receipt and the case that it concerns. `on` says in which month."""

    kind: str
    amount_fen: int
    department: str
    on: date
    pay_code: str = ""
    case: str = ""
    receipt_no: str = ""
    item_code: str = ""
    payer: str = ""
    case_id: int | None = None
    power_item: str = ""
    receipt_id: int | None = None


def find_differences(
    notices: Iterable[NoticeFacts],
    receipts: Iterable[ReceiptFacts],
    payments: Iterable[BankPayment],
    *,
    today: date,
    after_working_days: AfterWorkingDays,
) -> list[Difference]:
    """All differences on a day, by class. Money that only the bank has told counts as paid."""
    taken: dict[str, list[ReceiptFacts]] = defaultdict(list)
    told: dict[str, list[BankPayment]] = defaultdict(list)
    found: list[Difference] = []
    for receipt in receipts:
        if receipt.notice is None:
            found += of_receipt(receipt)
        else:
            taken[receipt.notice.pay_code].append(receipt)
    for payment in payments:
        told[payment.notice.pay_code].append(payment)
    for notice in notices:
        of_notice = taken[notice.pay_code], told[notice.pay_code]
        found += differences_of(notice, *of_notice, today=today, after_working_days=after_working_days)
    return sorted(found, key=lambda one: (CLASSES.index(one.kind), one.pay_code, one.receipt_no))


def differences_of(
    notice: NoticeFacts,
    receipts: Sequence[ReceiptFacts],
    payments: Sequence[BankPayment],
    *,
    today: date,
    after_working_days: AfterWorkingDays,
) -> Iterator[Difference]:
    """What differs about one notice, by the receipts and the bank's payments that are matched with it."""
    known = {receipt.receipt_no for receipt in receipts}
    in_files = [one for one in receipts if one.amount_fen > 0 and not one.undone]
    told = [one for one in payments if one.receipt_no not in known and one.reversal is None]
    came = [_Came(one.paid_on, one.receipt_no, one.amount_fen, one.receipt_id) for one in in_files]
    came += [_Came(one.paid_on, one.receipt_no, one.amount_fen) for one in told]
    if len(came) > 1:
        came.sort(key=lambda one: (one.on, one.receipt_no))
    yield from _of_amounts(notice, came, today)
    for receipt in receipts:
        yield from of_receipt(receipt)
    for payment in payments:
        number, on = _missing(payment)
        if number and after_working_days(on, TREASURY_WORKING_DAYS) < today:
            yield _about(notice, "D9", payment.amount_fen, _Came(on, number, 0))


def _missing(payment: BankPayment) -> tuple[str, date]:
    """What a file of the treasury should have and has not: the payment, or that of one it has the bank took it back.

    A payment that neither came nor went there is none.
    """
    if payment.reversal is None:
        return "" if payment.in_treasury else payment.receipt_no, payment.paid_on
    lacks = payment.in_treasury and not payment.reversal.in_treasury
    return payment.reversal.number if lacks else "", payment.reversal.on


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
    return plain_payer(one) == plain_payer(other) != ""


def plain_payer(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


@dataclass(frozen=True, slots=True)
class _Came:
    """Money that came under a notice, from whichever of both has told it."""

    on: date
    receipt_no: str
    amount_fen: int
    receipt_id: int | None = None


def _of_amounts(notice: NoticeFacts, came: Sequence[_Came], today: date) -> Iterator[Difference]:
    """D1 to D4 and D8. An excess that was given back by a decision, or that pays another notice, differs no more."""
    asked, total = notice.asked_fen, sum(one.amount_fen for one in came)
    if total == asked and len(came) == 1:
        return
    if 0 < total < asked:
        yield _about(notice, "D3", asked - total)
    elif total == 0 and asked > 0:
        overdue = notice.due_on is not None and notice.due_on < today
        yield _about(notice, "D2" if overdue else "D1", asked)
    left, paid, returned = asked, False, notice.refunded_fen + notice.passed_on_fen
    for one in came:
        over = one.amount_fen - max(left, 0)
        if over > 0:
            again = paid and one.amount_fen == notice.amount_fen
            back = min(over, returned)
            returned -= back
            if over > back:
                yield _about(notice, "D8" if again else "D4", over - back, one)
        left -= min(one.amount_fen, max(left, 0))
        paid = paid or left <= 0 < asked


def of_receipt(receipt: ReceiptFacts) -> Iterator[Difference]:
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
    if (
        (receipt.department or notice.department) != notice.department
        or (receipt.item_code or notice.item_code) != notice.item_code
        or (receipt.told_code or notice.pay_code) != notice.pay_code
    ):
        yield _told(receipt, "D7", receipt.amount_fen)


def _about(notice: NoticeFacts, kind: str, amount_fen: int, came: _Came | None = None) -> Difference:
    return Difference(
        kind,
        amount_fen,
        notice.department,
        came.on if came else notice.made_on,
        notice.pay_code,
        notice.case,
        came.receipt_no if came else "",
        notice.item_code,
        notice.payer,
        notice.case_id,
        notice.power_item,
        came.receipt_id if came else None,
    )


def _told(receipt: ReceiptFacts, kind: str, amount_fen: int) -> Difference:
    """A receipt in the wrong department is told to the one whose case it pays."""
    notice = receipt.notice
    return Difference(
        kind,
        amount_fen,
        notice.department if notice else receipt.department,
        receipt.paid_on,
        notice.pay_code if notice else receipt.told_code,
        notice.case if notice else "",
        receipt.receipt_no,
        notice.item_code if notice else receipt.item_code,
        receipt.payer or (notice.payer if notice else ""),
        notice.case_id if notice else None,
        notice.power_item if notice else "",
        receipt.receipt_id,
    )
