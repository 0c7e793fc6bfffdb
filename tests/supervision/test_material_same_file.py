from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from supervision.rules.material_same_file import RULE
from tests.supervision.facts import facts, file, found


def test_one_file_in_three_cases_is_told_and_twice_in_one_case_is_not() -> None:
    (one,) = found(RULE, facts(files=[file(1, 1, "aa"), file(2, 2, "aa"), file(3, 3, "aa"), file(4, 4, "bb")]))
    assert [row["case"][-1] for row in one.evidence] == ["1", "2", "3"]
    assert found(RULE, facts(files=[file(1, 1, "aa"), file(2, 1, "aa"), file(3, 2, "aa")])) == []


def test_a_file_that_goes_on_serving_is_told_again_in_another_month() -> None:
    files = [file(n, n, "aa") for n in (1, 2, 3)]
    later = [*files, replace(file(4, 4, "aa"), at=files[-1].at + timedelta(days=31))]
    (first,), (second,) = (found(RULE, facts(files=some)) for some in (files, later))
    assert (first.subject, first.cause) != (second.subject, second.cause) and first.cause == second.cause
