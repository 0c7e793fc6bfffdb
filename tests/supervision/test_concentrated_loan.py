from __future__ import annotations

from datetime import timedelta

from supervision.facts import Loan
from supervision.rules.concentrated_loan import RULE
from tests.supervision.facts import MONDAY, facts, found


def loan(number: int, starts: int, ends: int) -> Loan:
    begun, ended = MONDAY + timedelta(days=starts), MONDAY + timedelta(days=ends)
    return Loan(number, 3, "某3", 7, "某7", "YJ", "section", begun, ended)


def test_a_stand_in_that_is_renewed_again_and_again_never_ends() -> None:
    (one,) = found(RULE, facts(loans=[loan(1, -120, -80), loan(2, -79, -30), loan(3, -28, 20)]))
    assert (one.person_id, len(one.evidence)) == (7, 3)


def test_a_stand_in_for_some_weeks_or_one_that_is_over_is_none() -> None:
    assert found(RULE, facts(loans=[loan(1, -40, 20)])) == []
    assert found(RULE, facts(loans=[loan(1, -200, -10)])) == []
    assert found(RULE, facts(loans=[loan(1, -200, -100), loan(2, -40, 20)])) == []


def test_a_post_that_is_taken_back_for_some_days_counts_on_without_them() -> None:
    assert len(found(RULE, facts(loans=[loan(1, -130, -45), loan(2, -35, 5)]))) == 1
    assert found(RULE, facts(loans=[loan(1, -100, -45), loan(2, -30, 5)])) == []
