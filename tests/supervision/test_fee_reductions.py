from __future__ import annotations

from supervision.facts import Place, Reduction
from supervision.rules.fee_reductions import RULE
from tests.supervision.facts import case, facts, found, minute


def cut(number: int, department: str = "YJ") -> Reduction:
    return Reduction(case(number, Place(department)), minute(number), 100_00, 7, "某7")


def test_a_department_that_cuts_far_more_often_than_the_others_is_told() -> None:
    reductions = [*(cut(n) for n in range(6)), cut(9, "ZJ")]
    (one,) = found(RULE, facts(reductions=reductions, fee_cases={"YJ": 40, "ZJ": 100, "SG": 100}))
    assert (one.colour, len(one.evidence), one.place.department) == ("yellow", 6, "YJ")


def test_reductions_as_often_as_elsewhere_and_few_ones_are_none() -> None:
    everywhere = [*(cut(n) for n in range(6)), *(cut(n, "ZJ") for n in range(10, 22))]
    assert found(RULE, facts(reductions=everywhere, fee_cases={"YJ": 50, "ZJ": 100})) == []
    assert found(RULE, facts(reductions=[cut(1), cut(2)], fee_cases={"YJ": 4, "ZJ": 100})) == []
