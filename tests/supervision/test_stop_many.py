from __future__ import annotations

from dataclasses import replace

from supervision.rules.stop_many import RULE
from tests.supervision.facts import facts, found, stop


def test_a_third_stop_of_one_case_is_told() -> None:
    three = [stop(n, 1, n * 10, None, n * 10 + 5) for n in (1, 2, 3)]
    (one,) = found(RULE, facts(stops=three))
    assert (one.case_id, len(one.evidence)) == (1, 3)
    assert found(RULE, facts(stops=three[:2])) == []


def test_stops_that_each_step_has_of_course_are_none() -> None:
    of_course = [replace(stop(n, 1, n * 10, None, n * 10 + 5), element_id=f"step_{n}") for n in (1, 2, 3, 4)]
    assert found(RULE, facts(stops=of_course)) == []
    suspended = [replace(each, element_id="") for each in of_course[:3]]
    (one,) = found(RULE, facts(stops=[*suspended, *of_course]))
    assert len(one.evidence) == 3
