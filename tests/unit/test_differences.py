"""Differences between the system, the bank and the treasury: each class by an example, and none where all agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.fees.differences import (
    CLASSES,
    BankPayment,
    Difference,
    NoticeFacts,
    ReceiptFacts,
    Reversal,
    candidates,
    find_differences,
    same_payer,
)

DAY = date(2026, 3, 10)
NOTICE = NoticeFacts(
    "3" * 20, "ZR-1", "ZR", "103", "李四", 8_000, DAY, DAY - timedelta(days=5), DAY + timedelta(days=30)
)
RECEIPT = ReceiptFacts("R-1", "ZR", "103", "李四", 8_000, DAY, NOTICE)
PAYMENT = BankPayment("R-1", NOTICE, 8_000, DAY, in_treasury=True)


def found(
    notices: list[NoticeFacts],
    receipts: list[ReceiptFacts],
    payments: list[BankPayment] | None = None,
    today: date = DAY,
) -> list[Difference]:
    def after(day: date, days: int) -> date:
        return day + timedelta(days=days)

    return find_differences(notices, receipts, payments or [], today=today, after_working_days=after)


def kinds(*given: Any, **more: Any) -> list[tuple[str, int]]:
    return [(one.kind, one.amount_fen) for one in found(*given, **more)]


def test_where_all_agree_nothing_differs() -> None:
    assert found([NOTICE], [RECEIPT], [PAYMENT]) == []
    assert found([NOTICE], [RECEIPT]) == [], "what the bank never told and the treasury has is paid"
    assert found([NOTICE], [], [replace(PAYMENT, in_treasury=False)]) == [], "the bank's word counts as paid"


def test_what_is_not_paid_differs_by_its_last_day() -> None:
    assert kinds([NOTICE], []) == [("D1", 8_000)]
    last = NOTICE.due_on
    assert last is not None
    assert kinds([NOTICE], [], today=last) == [("D1", 8_000)]
    assert kinds([NOTICE], [], today=last + timedelta(days=1)) == [("D2", 8_000)]
    assert found([replace(NOTICE, void=True)], []) == []


def test_what_the_bank_took_back_is_unpaid_and_no_money_of_the_treasury_once_it_says_so() -> None:
    gone = Reversal("V-1", DAY, in_treasury=False)
    told = replace(PAYMENT, in_treasury=False, reversal=gone)
    later = DAY + timedelta(days=4)
    assert kinds([NOTICE], [], [told], today=later) == [("D1", 8_000)], "it neither came nor went in any file"
    undone = replace(RECEIPT, undone=True)
    taken = replace(PAYMENT, reversal=gone)
    assert kinds([NOTICE], [undone], [taken]) == [("D1", 8_000)]
    assert kinds([NOTICE], [undone], [taken], today=later) == [("D1", 8_000), ("D9", 8_000)]
    both = replace(taken, reversal=replace(gone, in_treasury=True))
    assert kinds([NOTICE], [undone], [both], today=later) == [("D1", 8_000)]


def test_an_excess_that_pays_another_notice_differs_no_more() -> None:
    receipt = replace(RECEIPT, amount_fen=9_000, notice=replace(NOTICE, passed_on_fen=600))
    assert kinds([replace(NOTICE, passed_on_fen=600)], [receipt]) == [("D4", 400)]
    assert kinds([replace(NOTICE, passed_on_fen=1_000)], [receipt]) == []


@pytest.mark.parametrize(
    ("fens", "expected"),
    [
        ([3_000], [("D3", 5_000)]),
        ([3_000, 5_000], []),
        ([9_000], [("D4", 1_000)]),
        ([3_000, 6_000], [("D4", 1_000)]),
        ([8_000, 8_000], [("D8", 8_000)]),
        ([8_000, 500], [("D4", 500)]),
        ([8_000, 8_000, 8_000], [("D8", 8_000), ("D8", 8_000)]),
    ],
)
def test_less_more_and_twice(fens: list[int], expected: list[tuple[str, int]]) -> None:
    receipts = [replace(RECEIPT, receipt_no=f"R-{n}", amount_fen=fen) for n, fen in enumerate(fens)]
    assert kinds([NOTICE], receipts) == expected
    payments = [BankPayment(f"R-{n}", NOTICE, fen, DAY, in_treasury=True) for n, fen in enumerate(fens)]
    assert kinds([NOTICE], [], payments) == expected, "the same by the bank's word"
    assert kinds([NOTICE], receipts, payments) == expected, "and no money counts twice"


def test_money_under_a_void_notice_is_more_than_was_asked() -> None:
    void = replace(NOTICE, void=True)
    assert kinds([void], [replace(RECEIPT, notice=void)]) == [("D4", 8_000)]


def test_a_receipt_without_a_case_before_it_and_of_another_office() -> None:
    assert kinds([], [replace(RECEIPT, notice=None)]) == [("D5", 8_000)]
    early = replace(RECEIPT, paid_on=NOTICE.case_entered_on - timedelta(days=1))
    assert kinds([NOTICE], [early]) == [("D6", 8_000)]
    assert kinds([NOTICE], [replace(RECEIPT, department="SG")]) == [("D7", 8_000)]
    assert kinds([NOTICE], [replace(RECEIPT, item_code="999")]) == [("D7", 8_000)]
    assert kinds([NOTICE], [replace(RECEIPT, department="", item_code="")]) == []


def test_what_the_bank_told_is_in_the_treasury_after_three_working_days() -> None:
    late = replace(PAYMENT, in_treasury=False)
    assert kinds([NOTICE], [], [late], today=DAY + timedelta(days=3)) == []
    (one,) = found([NOTICE], [], [late], today=DAY + timedelta(days=4))
    assert (one.kind, one.receipt_no, one.case, one.department) == ("D9", "R-1", "ZR-1", "ZR")


def test_a_refund_differs_unless_it_was_approved() -> None:
    back = replace(RECEIPT, receipt_no="R-2", amount_fen=-8_000)
    assert kinds([NOTICE], [RECEIPT, back]) == [("D10", 8_000)]
    assert kinds([NOTICE], [RECEIPT, replace(back, approved=True)]) == []


def test_a_receipt_without_a_code_finds_its_notice_by_department_payer_amount_and_days() -> None:
    lost = replace(RECEIPT, notice=None, payer=" 李 四")
    assert candidates(lost, [NOTICE]) == [NOTICE]
    for other in (
        replace(lost, department="SG"),
        replace(lost, department=""),
        replace(lost, payer="李五"),
        replace(lost, amount_fen=7_999),
        replace(lost, paid_on=DAY + timedelta(days=16)),
        replace(lost, paid_on=DAY - timedelta(days=16)),
    ):
        assert candidates(other, [NOTICE]) == []
    for days in (-15, 15):
        assert candidates(replace(lost, paid_on=DAY + timedelta(days=days)), [NOTICE]) == [NOTICE]
    assert candidates(lost, [replace(NOTICE, void=True)]) == []


def test_payers_are_compared_without_width_and_spaces() -> None:
    assert same_payer("红星（临江）有限公司", "红星(临江) 有限公司")
    assert not same_payer("", " ")


@given(st.lists(st.integers(1, 20_000), max_size=6))
def test_what_differs_is_what_came_less_what_was_asked(fens: list[int]) -> None:
    receipts = [replace(RECEIPT, receipt_no=f"R-{n}", amount_fen=fen) for n, fen in enumerate(fens)]
    differing = found([NOTICE], receipts)
    assert all(one.kind in CLASSES for one in differing)
    less = sum(one.amount_fen for one in differing if one.kind in ("D1", "D2", "D3"))
    more = sum(one.amount_fen for one in differing if one.kind in ("D4", "D8"))
    assert sum(fens) - NOTICE.amount_fen == more - less
