from __future__ import annotations

from datetime import date

from supervision.rules.backfilled_receipt import RULE
from tests.supervision.facts import facts, found, receipt


def test_money_that_came_before_the_case_was_entered_is_backfilled() -> None:
    early = receipt(1, date(2026, 3, 1), "matched", of=4, case_began_on=date(2026, 3, 9))
    same_day = receipt(2, date(2026, 3, 9), "matched", of=5, case_began_on=date(2026, 3, 9))
    (one,) = found(RULE, facts(receipts=[early, same_day, receipt(3, date(2026, 3, 1))]))
    assert (one.colour, one.case_id, one.evidence[0]["receipt"]) == ("red", 4, "P1")
