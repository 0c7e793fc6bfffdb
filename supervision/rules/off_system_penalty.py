"""网下运行: money of a fine names a decision that the county has not made here, so that the penalty has no case."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, Place, ReceiptSeen
from supervision.rules.rule import Choose, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for receipt in facts.receipts:
        number = receipt.unknown_decision
        if receipt.of_fine and receipt.amount_fen > 0 and receipt.case is None and number is not None:
            if choose(Place(receipt.department)) is not None:
                yield _finding(receipt, number)


def _finding(receipt: ReceiptSeen, number: str) -> Finding:
    row = {
        "at": receipt.paid_on.isoformat(),
        "receipt": receipt.number,
        "amount_fen": receipt.amount_fen,
        "zh": f"{receipt.payer} {number}",
        "en": f"{receipt.payer} {number}",
    }
    return Finding(
        RULE,
        "red",
        f"penalty/{receipt.id}/no_case",
        f"receipts/{receipt.department}/{receipt.paid_on:%Y%m}",
        Place(receipt.department),
        f"罚款票据 {receipt.number} 所列处罚决定 {number} 在系统中没有办件",
        f"The penalty {number} that receipt {receipt.number} names has no case",
        (row,),
    )


RULE = Rule(
    "off_system.penalty",
    1,
    "罚没票据所列处罚决定书没有对应的办件。",
    "A receipt of a fine names a penalty decision that has no case.",
    "S7, S24, D5",
    find,
)
