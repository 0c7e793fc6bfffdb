"""收费异常: a notice asks for another amount than the standard gives."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, NoticeSeen
from supervision.rules.rule import Choose, Finding, Rule, of_case


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for notice in facts.notices:
        if notice.amount_fen not in (notice.lines_fen, notice.owed_fen) and choose(notice.case.place) is not None:
            yield _finding(notice)


def _finding(notice: NoticeSeen) -> Finding:
    row = {
        "at": notice.made_at.isoformat(),
        "case": notice.case.number,
        "amount_fen": notice.amount_fen,
        "standard_fen": notice.lines_fen,
        "zh": "缴款通知书",
        "en": "Payment notice",
    }
    asked, standard = notice.amount_fen / 100, notice.lines_fen / 100
    return Finding(
        RULE,
        "red",
        f"notice/{notice.id}/amount",
        of_case(notice.case),
        notice.case.place,
        f"缴款通知书 {asked:,.2f} 元，按标准应为 {standard:,.2f} 元",
        f"The notice asks for {asked:,.2f} yuan, the standard for {standard:,.2f}",
        (row,),
        case_id=notice.case.id,
    )


RULE = Rule(
    "fee.amount",
    1,
    "缴款通知书金额与收费标准、账上应缴数均不符。",
    "A notice's amount is neither what the standard gives nor what the ledger says is owed.",
    "S9, S10",
    find,
)
