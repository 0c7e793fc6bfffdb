from __future__ import annotations

from supervision.rules.fee_cancelled import RULE
from tests.supervision.facts import facts, found, notice


def test_two_cancelled_notices_of_one_case_are_told_and_one_is_not() -> None:
    twice = [notice(1, 1, 8_000, 8_000, "void"), notice(2, 1, 8_000, 8_000, "void"), notice(3, 1, 8_000, 8_000)]
    (one,) = found(RULE, facts(notices=twice))
    assert (one.colour, one.case_id, len(one.evidence)) == ("yellow", 1, 2)
    assert found(RULE, facts(notices=twice[1:])) == []
