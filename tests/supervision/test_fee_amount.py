from __future__ import annotations

from supervision.rules.fee_amount import RULE
from tests.supervision.facts import facts, found, notice


def test_a_notice_off_the_standard_is_told_and_one_for_what_is_still_owed_is_not() -> None:
    given = [notice(1, 1, 5_000, 8_000), notice(2, 2, 8_000, 8_000), notice(3, 3, 3_000, 8_000, owed=3_000)]
    (one,) = found(RULE, facts(notices=given))
    assert (one.colour, one.case_id) == ("red", 1)
