from __future__ import annotations

from supervision.rules.stop_plan import RULE
from tests.supervision.facts import facts, found, stop

DAY = 24 * 60


def test_a_stop_beyond_its_plan_and_one_without_plan_that_goes_on_are_told() -> None:
    over, ended_late, endless = stop(1, 1, 0, 60, None), stop(2, 2, 0, 60, 200), stop(3, 3, -70 * DAY, None, None)
    assert [one.case_id for one in found(RULE, facts(300, stops=[over, ended_late, endless]))] == [1, 2, 3]


def test_a_stop_that_ends_at_its_plan_or_that_was_begun_lately_is_none() -> None:
    assert found(RULE, facts(300, stops=[stop(1, 1, 0, 60, 60), stop(2, 2, 0, None, None)])) == []
