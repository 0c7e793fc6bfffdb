"""Reads what the treasury and the system have, payment code by payment code, and lets the rules say what differs.

Three sorted streams go side by side, so that memory holds one notice with its receipts and payments at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from service.database.tables import (
    case,
    fee_change,
    ledger_entry,
    outage,
    paper_receipt,
    payment_notice,
    payment_reversal,
    receipt_block,
    receipt_share,
    treasury_receipt,
)
from service.fees.books import entry_of
from service.fees.differences import (
    BankPayment,
    Difference,
    NoticeFacts,
    ReceiptFacts,
    Reversal,
    differences_of,
    of_receipt,
)
from service.fees.ledger import Account, passed_on, receipt_reference
from service.working_time import WorkingCalendar

# What is matched or booked is settled; of a refund that means that somebody had decided it.
SETTLED: Final = ("matched", "booked")
_MOMENT: Final = timedelta(microseconds=1)
# A row of one of the streams.
Seen = Any
_ROWS_AT_ONCE: Final = 2_000
_NOTICES = (
    select(
        payment_notice.c.pay_code,
        case.c.number,
        case.c.department,
        payment_notice.c.item_code,
        payment_notice.c.payer,
        payment_notice.c.amount_fen,
        payment_notice.c.made_at,
        case.c.created_at,
        payment_notice.c.due_at,
        payment_notice.c.status,
        case.c.id.label("case_id"),
        case.c.power_item,
    )
    .join(case, case.c.id == payment_notice.c.case_id)
    .order_by(payment_notice.c.pay_code)
)
_RECEIPT = (
    treasury_receipt.c.receipt_no,
    treasury_receipt.c.dept_code,
    treasury_receipt.c.item_code,
    treasury_receipt.c.payer,
    treasury_receipt.c.amount_fen,
    treasury_receipt.c.paid_on,
    treasury_receipt.c.status,
    treasury_receipt.c.pay_code.label("told_code"),
    treasury_receipt.c.id.label("receipt_id"),
)
_CONFIRMED = receipt_share.c.decision == "confirmed"
# A receipt that a person has shared out counts under each of its notices with that part alone.
_SHARED_OUT = treasury_receipt.c.id.in_(select(receipt_share.c.receipt_id).where(_CONFIRMED))
_MATCHED = (
    select(treasury_receipt.c.matched_code, *_RECEIPT)
    .where(treasury_receipt.c.matched_code.is_not(None), ~_SHARED_OUT)
    .order_by(treasury_receipt.c.matched_code, treasury_receipt.c.id)
)
_ALONE = select(*_RECEIPT).where(
    treasury_receipt.c.matched_code.is_(None), treasury_receipt.c.status != "waiting", ~_SHARED_OUT
)
_SHARES = (
    select(
        receipt_share.c.pay_code,
        *(receipt_share.c.amount_fen if column.name == "amount_fen" else column for column in _RECEIPT),
        receipt_share.c.stands_for,
    )
    .join(treasury_receipt, treasury_receipt.c.id == receipt_share.c.receipt_id)
    .where(_CONFIRMED)
)
_PAYMENTS = (
    select(ledger_entry.c.pay_code, ledger_entry.c.reference, ledger_entry.c.amount_fen, ledger_entry.c.at)
    .where(ledger_entry.c.kind == "received", ledger_entry.c.case_id.is_not(None))
    .order_by(ledger_entry.c.pay_code, ledger_entry.c.reference)
)
# What takes from the debt under a notice beside money that comes in.
_RELIEVED = (
    select(ledger_entry.c.pay_code, func.sum(ledger_entry.c.amount_fen))
    .where(ledger_entry.c.kind.in_(("reduced_by_case", "written_off", "applied")))
    .where(ledger_entry.c.credit == Account.NOTIFIED.value)
    .group_by(ledger_entry.c.pay_code)
)
# Books of cases in which money that came too much pays another notice.
_APPLIED_IN = select(ledger_entry.c.case_id).where(
    ledger_entry.c.kind == "applied", ledger_entry.c.case_id.is_not(None)
)
_WITH_APPLIED = (
    select(ledger_entry)
    .where(ledger_entry.c.case_id.in_(_APPLIED_IN))
    .order_by(ledger_entry.c.case_id, ledger_entry.c.id)
)
# What the bank took back, by the number of the receipt that it undoes.
_REVERSED = select(payment_reversal.c.receipt_no, payment_reversal.c.reversal_no, payment_reversal.c.reversed_at).where(
    payment_reversal.c.status == "posted"
)
_REFUNDED = (
    select(fee_change.c.pay_code, func.sum(fee_change.c.amount_fen))
    .where(fee_change.c.kind == "refund", fee_change.c.status.in_(("posted", "paid_back")))
    .group_by(fee_change.c.pay_code)
)
# Cases that were received on paper in an outage and entered in time began on that day.
_ON_PAPER = (
    select(paper_receipt.c.case_id, paper_receipt.c.received_at)
    .join(receipt_block, receipt_block.c.id == paper_receipt.c.block_id)
    .join(outage, outage.c.id == receipt_block.c.outage_id)
    .where(paper_receipt.c.case_id.is_not(None), paper_receipt.c.entered_at <= outage.c.enter_by)
    .where(outage.c.objected_at.is_(None))
)


@dataclass
class Total:
    """What the treasury has and what the system has, of one department, item and month."""

    treasury_fen: int = 0
    system_fen: int = 0
    receipts: int = 0


@dataclass
class Comparison:
    """What a comparison has found; `totals` by (department, item code, month as 2026-03)."""

    differences: list[Difference] = field(default_factory=list)
    totals: dict[tuple[str, str, str], Total] = field(default_factory=dict)
    notices: int = 0
    receipts: int = 0
    payments: int = 0


def compare_treasury(connection: Connection, calendar: WorkingCalendar, now: datetime) -> Comparison:
    """Compare everything. Receipts that wait to be matched are left out."""
    return _Reading(connection, calendar, now).compare()


class _Reading:
    def __init__(self, connection: Connection, calendar: WorkingCalendar, now: datetime) -> None:
        self._connection = connection
        self._day = _days(calendar)
        self._today = calendar.local_date(now)
        self._after = _working_days(calendar)
        self._found = Comparison()
        self._relieved = dict(self._pairs(_RELIEVED))
        self._refunded = dict(self._pairs(_REFUNDED))
        self._passed_on = {
            code: fen
            for _, rows in groupby(connection.execute(_WITH_APPLIED), key=lambda row: row.case_id)
            for code, fen in passed_on(entry_of(row) for row in rows).items()
        }
        self._undone = {row.receipt_no: row for row in connection.execute(_REVERSED)}
        self._on_paper = dict(self._pairs(_ON_PAPER))
        self._shares: dict[str, list[Seen]] = defaultdict(list)
        for row in connection.execute(_SHARES):
            self._shares[row.pay_code].append(row)

    def compare(self) -> Comparison:
        found, receipts, payments = self._found, _Groups(self._stream(_MATCHED)), _Groups(self._stream(_PAYMENTS))
        for row in self._stream(_NOTICES):
            found.notices += 1
            code = row[0]
            self._of_notice(self._notice(row), receipts.of(code), payments.of(code))
        for row in self._stream(_ALONE):
            self._take(_receipt(row, None, row.amount_fen))
        return found

    def _of_notice(self, notice: NoticeFacts, rows: list[Seen], told: list[Seen]) -> None:
        taken = [self._take(_receipt(row, notice, row.amount_fen)) for row in rows]
        for row in self._shares.get(notice.pay_code, ()):
            taken.append(self._take(_receipt(row, notice, row.amount_fen, row.stands_for)))
        known = {one.receipt_no for one in taken}
        payments = [self._payment(entries, notice, known) for entries in _by_reference(told)]
        self._found.differences += differences_of(
            notice, taken, payments, today=self._today, after_working_days=self._after
        )

    def _take(self, receipt: ReceiptFacts) -> ReceiptFacts:
        """Count a receipt; what differs about one without a notice is told at once."""
        notice = receipt.notice
        if receipt.receipt_no in self._undone:
            receipt = replace(receipt, undone=True)
        self._found.receipts += 1
        total = self._total(
            receipt.department or (notice.department if notice else ""),
            receipt.item_code or (notice.item_code if notice else ""),
            receipt.paid_on,
        )
        total.treasury_fen += receipt.amount_fen
        total.receipts += 1
        if notice is None:
            self._found.differences += of_receipt(receipt)
            if receipt.amount_fen < 0 and receipt.approved:
                total.system_fen += receipt.amount_fen
        elif receipt.amount_fen < 0 or receipt.paid_on >= notice.case_entered_on:
            # Money whose case was entered afterwards is what the system did not have.
            self._total(notice.department, notice.item_code, receipt.paid_on).system_fen += receipt.amount_fen
        return receipt

    def _payment(self, entries: list[Seen], notice: NoticeFacts, known: set[str]) -> BankPayment:
        self._found.payments += 1
        number, first = str(entries[0].reference)[len(receipt_reference("")) :], entries[0]
        fen = sum(entry.amount_fen for entry in entries)
        paid_on = self._day(first.at)
        reversal = self._reversal(number, known)
        if number not in known:
            self._total(notice.department, notice.item_code, paid_on).system_fen += fen
        if reversal is not None and not reversal.in_treasury:
            self._total(notice.department, notice.item_code, reversal.on).system_fen -= fen
        return BankPayment(number, notice, fen, paid_on, in_treasury=number in known, reversal=reversal)

    def _reversal(self, number: str, known: set[str]) -> Reversal | None:
        row = self._undone.get(number)
        if row is None:
            return None
        return Reversal(row.reversal_no, self._day(row.reversed_at), row.reversal_no in known)

    def _total(self, department: str, item_code: str, on: date) -> Total:
        key = department, item_code, _month(on)
        found = self._found.totals.get(key)
        if found is None:
            found = self._found.totals[key] = Total()
        return found

    def _notice(self, row: Seen) -> NoticeFacts:
        (code, number, department, item, payer, fen, made_at, created_at, due_at, status, case_id, power_item) = row
        began = self._on_paper.get(case_id, created_at) if self._on_paper else created_at
        return NoticeFacts(
            code,
            number,
            department,
            item,
            payer,
            fen,
            self._day(made_at),
            self._day(began),
            # The instant is the end of the last day.
            None if due_at is None else self._day(due_at - _MOMENT),
            status == "void",
            self._relieved.get(code, 0),
            self._refunded.get(code, 0),
            case_id,
            power_item or "",
            self._passed_on.get(code, 0),
        )

    def _stream(self, statement: Select[Any]) -> Iterator[Seen]:
        return iter(self._connection.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE}))

    def _pairs(self, statement: Select[Any]) -> Iterator[tuple[Any, Any]]:
        return ((row[0], row[1]) for row in self._connection.execute(statement))


def _receipt(row: Seen, notice: NoticeFacts | None, amount_fen: int, stands_for: str = "") -> ReceiptFacts:
    """A receipt that stands for one of the bank's goes by its number, so that no money counts twice."""
    return ReceiptFacts(
        stands_for or row.receipt_no,
        row.dept_code,
        row.item_code,
        row.payer,
        amount_fen,
        row.paid_on,
        notice,
        row.status in SETTLED,
        "" if stands_for else row.told_code,
        row.receipt_id,
    )


class _Groups:
    """Rows sorted by their first column, handed out code by code in the same order."""

    def __init__(self, rows: Iterator[Seen]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, code: str) -> list[Seen]:
        """All rows of this code; those of codes before it belong to nothing."""
        found: list[Seen] = []
        while self._next is not None and self._next[0] <= code:
            if self._next[0] == code:
                found.append(self._next)
            self._next = next(self._rows, None)
        return found


def _by_reference(rows: list[Seen]) -> Iterable[list[Seen]]:
    """What one receipt of the bank brought may stand in several entries."""
    if len(rows) == 1:
        return (rows,)
    return (list(entries) for _, entries in groupby(rows, key=lambda row: row.reference))


@lru_cache(maxsize=4096)
def _month(on: date) -> str:
    return f"{on:%Y-%m}"


def _days(calendar: WorkingCalendar) -> Callable[[datetime], date]:
    """The county's date at an instant; zones differ by quarters of an hour, so that is all that has to be known."""
    known: dict[int, date] = {}

    def day(at: datetime) -> date:
        key = int(at.timestamp()) // 900
        found = known.get(key)
        if found is None:
            found = known[key] = calendar.local_date(at)
        return found

    return day


def _working_days(calendar: WorkingCalendar) -> Callable[[date, int], date]:
    @lru_cache(maxsize=4096)
    def after(day: date, days: int) -> date:
        return calendar.local_date(calendar.add_working_days(day, days) - _MOMENT)

    return after
