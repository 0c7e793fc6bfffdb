"""网下运行: the treasury has a receipt that belongs to no case (D5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Facts, Place, ReceiptSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    today = facts.calendar.local_date(facts.now)
    for receipt in facts.receipts:
        figures = choose(Place(receipt.department))
        # Money that went back is a difference of its own (D10).
        if receipt.amount_fen < 0:
            continue
        if figures is None or receipt.status != "unmatched" or receipt.case is not None:
            continue
        if today - receipt.paid_on >= timedelta(days=figures["days"]):
            yield _finding(receipt)


def _finding(receipt: ReceiptSeen) -> Finding:
    row = {
        "at": receipt.paid_on.isoformat(),
        "receipt": receipt.number,
        "amount_fen": receipt.amount_fen,
        "zh": receipt.payer,
        "en": receipt.payer,
    }
    yuan = f"{receipt.amount_fen / 100:,.2f}"
    return Finding(
        RULE,
        "red",
        f"receipt/{receipt.id}/no_case",
        f"receipts/{receipt.department}/{receipt.paid_on:%Y%m}",
        Place(receipt.department),
        f"国库收款 {yuan} 元（票据 {receipt.number}）没有对应办件",
        f"Receipt {receipt.number} of {yuan} yuan belongs to no case",
        (row,),
    )


RULE = Rule(
    "off_system.receipt",
    1,
    "国库票据没有对应的办件。",
    "A receipt of the treasury belongs to no case.",
    "S7, D5",
    find,
    {"days": Figure(15, 0, 365, "收款后天数", "days after the payment")},
)
