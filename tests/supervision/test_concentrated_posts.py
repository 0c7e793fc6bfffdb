from __future__ import annotations

from supervision.facts import Place
from supervision.rules.concentrated_posts import RULE
from tests.supervision.facts import act, facts, found


def test_one_person_who_acts_as_clerk_and_as_head_of_section_is_told_with_an_act_of_each() -> None:
    (one,) = found(RULE, facts(acts=[act(1, 1, post="clerk"), act(2, 2, post="clerk"), act(3, 90, post="section")]))
    assert (one.colour, one.person_id, len(one.evidence)) == ("red", 7, 2)


def test_posts_that_one_may_hold_together_or_of_two_departments_are_none() -> None:
    assert found(RULE, facts(acts=[act(1, 1, post="clerk"), act(2, 2, post="officer")])) == []
    elsewhere = act(2, 2, post="section", place=Place("SG", "LJ-SG-XK-001", "XK"))
    assert found(RULE, facts(acts=[act(1, 1, post="clerk"), elsewhere])) == []
