from __future__ import annotations

from dataclasses import replace

from supervision.rules.fee_cancelled import RULE
from tests.supervision.facts import facts, found, notice


def test_two_cancelled_notices_of_one_case_are_told_and_one_is_not() -> None:
    twice = [notice(1, 1, 8_000, 8_000, "void"), notice(2, 1, 8_000, 8_000, "void"), notice(3, 1, 8_000, 8_000)]
    (one,) = found(RULE, facts(notices=twice))
    assert (one.colour, one.case_id, len(one.evidence)) == ("yellow", 1, 2)
    assert found(RULE, facts(notices=twice[1:])) == []


def test_notices_that_gave_way_to_parts_of_a_plan_are_lawful() -> None:
    replaced = [replace(notice(n, 1, 8_000, 8_000, "void"), paid_later=True) for n in (1, 2, 3)]
    assert found(RULE, facts(notices=replaced)) == []
    assert found(RULE, facts(notices=[*replaced, notice(4, 1, 8_000, 8_000, "void")])) == []
