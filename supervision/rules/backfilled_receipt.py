"""事后补录: the money was received before the case began (D6), in an outage before its paper receipt."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import CaseRef, Facts, ReceiptSeen
from supervision.rules.rule import Choose, Finding, Rule, of_case


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for receipt in facts.receipts:
        case, began_on = receipt.case, receipt.received_on_paper or receipt.case_began_on
        if receipt.amount_fen < 0:
            continue
        if case is None or began_on is None or receipt.paid_on >= began_on:
            continue
        if choose(case.place) is not None:
            yield _finding(receipt, case)


def _finding(receipt: ReceiptSeen, case: CaseRef) -> Finding:
    row = {
        "at": receipt.paid_on.isoformat(),
        "case": case.number,
        "receipt": receipt.number,
        "amount_fen": receipt.amount_fen,
        "zh": f"票据 {receipt.number}，{receipt.payer}",
        "en": f"Receipt {receipt.number}, {receipt.payer}",
    }
    return Finding(
        RULE,
        "red",
        f"receipt/{receipt.id}/before",
        of_case(case),
        case.place,
        f"{receipt.paid_on.isoformat()} 已收款，{receipt.case_began_on} 才登记办件",
        f"Paid on {receipt.paid_on.isoformat()}, the case was entered on {receipt.case_began_on}",
        (row,),
        case_id=case.id,
    )


RULE = Rule(
    "backfilled.receipt",
    2,
    "收款日期早于办件登记日期（停机期间收件的，早于凭证上的收件日期）。",
    "The money was received before the case was entered, or in an outage before its paper receipt.",
    "S7, D6",
    find,
)
