from __future__ import annotations

from supervision.rules.service_complaint import RULE
from tests.supervision.facts import facts, found, minute, voice


def test_a_complaint_that_was_found_to_be_right_is_red_and_one_that_was_not_is_none() -> None:
    right = voice(1, "complaint", answered_at=minute(60), founded=True)
    wrong = voice(2, "complaint", answered_at=minute(60), founded=False)
    (one,) = found(RULE, facts(voices=[right, wrong, voice(3, stars=1)]))
    assert (one.colour, one.case_id) == ("red", 1)


def test_three_complaints_about_a_department_that_nobody_cleared_up_are_a_warning() -> None:
    (one,) = found(RULE, facts(voices=[voice(n, "complaint", n) for n in (1, 2, 3)]))
    assert (one.colour, one.case_id, len(one.evidence)) == ("yellow", None, 3)
    assert found(RULE, facts(voices=[voice(n, "complaint", n) for n in (1, 2)])) == []
