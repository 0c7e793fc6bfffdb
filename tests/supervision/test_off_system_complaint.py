from __future__ import annotations

import pytest

from supervision.rules.off_system_complaint import RULE
from tests.supervision.facts import facts, found, order


@pytest.mark.parametrize("source", ["complaint", "inspection"])
def test_a_complaint_or_a_finding_without_a_case_is_told(source: str) -> None:
    (one,) = found(RULE, facts(orders=[order(1, source=source, about_a_case=False)]))
    assert (one.colour, one.rule.kind, one.evidence[0]["order"]) == ("yellow", "off_system", order(1).case.number)


def test_what_a_case_is_of_or_a_leader_asks_is_none() -> None:
    about = order(1, source="complaint", about_a_case=True)
    asked = order(2, source="leader", about_a_case=False)
    assert found(RULE, facts(orders=[about, asked, order(3)])) == []
