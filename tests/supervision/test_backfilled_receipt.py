from __future__ import annotations

from datetime import date

from supervision.rules.backfilled_receipt import RULE
from tests.supervision.facts import facts, found, receipt


def test_money_that_came_before_the_case_was_entered_is_backfilled() -> None:
    early = receipt(1, date(2026, 3, 1), "matched", of=4, case_began_on=date(2026, 3, 9))
    same_day = receipt(2, date(2026, 3, 9), "matched", of=5, case_began_on=date(2026, 3, 9))
    (one,) = found(RULE, facts(receipts=[early, same_day, receipt(3, date(2026, 3, 1))]))
    assert (one.colour, one.case_id, one.evidence[0]["receipt"]) == ("red", 4, "P1")


def test_money_that_was_received_with_the_paper_receipt_of_an_outage_is_not_backfilled() -> None:
    entered = date(2026, 3, 11)
    with_paper = receipt(
        1, date(2026, 3, 9), "matched", of=4, case_began_on=entered, received_on_paper=date(2026, 3, 9)
    )
    before_it = receipt(2, date(2026, 3, 8), "matched", of=5, case_began_on=entered, received_on_paper=date(2026, 3, 9))
    (one,) = found(RULE, facts(receipts=[with_paper, before_it]))
    assert one.case_id == 5
