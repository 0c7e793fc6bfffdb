from __future__ import annotations

from supervision.rules.supervision_unopened import RULE
from tests.supervision.facts import facts, found, minute, order


def test_an_order_that_nobody_has_opened_within_two_office_hours_is_told() -> None:
    (one,) = found(RULE, facts(121, orders=[order(1)]))
    assert (one.colour, one.case_id, one.subject) == ("yellow", 1, "order/1/unopened")


def test_an_order_that_was_opened_or_answered_or_came_just_now_is_none() -> None:
    assert found(RULE, facts(119, orders=[order(1)])) == []
    assert found(RULE, facts(500, orders=[order(1, seen_at=minute(9)), order(2, answered_at=minute(9))])) == []
