from __future__ import annotations

from supervision.rules.fee_unpaid_closing import RULE
from tests.supervision.facts import ending, facts, found


def test_a_case_that_was_granted_while_money_was_owed_is_red() -> None:
    (one,) = found(RULE, facts(endings=[ending(1, "granted", owed=500_00)]))
    assert (one.colour, one.case_id, one.cause) == ("red", 1, "case/1") and "500.00" in one.summary_zh


def test_a_paid_case_and_one_that_was_withdrawn_are_none() -> None:
    assert found(RULE, facts(endings=[ending(1, "granted"), ending(2, "withdrawn", owed=500_00)])) == []
