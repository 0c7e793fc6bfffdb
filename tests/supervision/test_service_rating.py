from __future__ import annotations

from supervision.rules.service_rating import RULE
from tests.supervision.facts import chosen, facts, found, voice


def test_two_stars_are_told_and_three_are_not() -> None:
    (one,) = found(RULE, facts(voices=[voice(1, stars=2), voice(2, stars=3), voice(3, "complaint")]))
    assert (one.colour, one.case_id, one.evidence[0]["stars"]) == ("yellow", 1, 2)
    assert len(found(RULE, facts(voices=[voice(2, stars=3)]), chosen(RULE, stars=3))) == 1
