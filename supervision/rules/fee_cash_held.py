"""收费异常: fines taken on the spot are kept in somebody's hands beyond the two working days of the law."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supervision.facts import CashHeld, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule

_WHERE = {
    "officer": ("未交至本机关", "were not handed to the organ"),
    "organ": ("未缴付银行", "were not paid into the bank"),
}


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_holder: dict[tuple[str, int], list[CashHeld]] = defaultdict(list)
    for cash in facts.cash:
        figures = choose(cash.case.place)
        if figures is None:
            continue
        # The limit itself is the law's; the county may wait some days more before it says so.
        due = facts.calendar.local_date(cash.due_at)
        late_from = facts.calendar.add_working_days(due, figures["days"]) if figures["days"] else cash.due_at
        if facts.now > late_from:
            by_holder[cash.stage, cash.holder_id].append(cash)
    for kept in by_holder.values():
        yield _finding(kept)


def _finding(kept: list[CashHeld]) -> Finding:
    first = kept[0]
    fen = sum(cash.amount_fen for cash in kept)
    zh, en = _WHERE[first.stage]
    return Finding(
        RULE,
        "red",
        f"cash/{first.stage}/{first.holder_id}/{first.id}",
        f"cash/{first.holder_id}",
        first.case.place,
        f"{first.holder}手中当场收缴的罚款 {fen / 100:,.2f} 元（{len(kept)} 笔）逾期{zh}",
        f"{len(kept)} fines of {fen / 100:,.2f} yuan taken on the spot {en} by {first.holder} in time",
        tuple(_row(cash) for cash in kept),
        person_id=first.holder_id,
    )


def _row(cash: CashHeld) -> dict[str, object]:
    return {
        "at": cash.due_at.isoformat(),
        "case": cash.case.number,
        "receipt": cash.number,
        "amount_fen": cash.amount_fen,
        "person": cash.holder,
        "zh": "应交而未交",
        "en": "due and not paid in",
    }


RULE = Rule(
    "fee.cash_held",
    1,
    "当场收缴的罚款逾期未交至行政机关，或者行政机关逾期未缴付银行（行政处罚法第七十一条）。",
    "Fines taken on the spot are not handed to the organ, or not paid into the bank, in time (Administrative Penalty "
    "Law, Art. 71).",
    "DOMAIN 6",
    find,
    {"days": Figure(0, 0, 10, "逾期后再等的工作日", "working days after the limit")},
)
