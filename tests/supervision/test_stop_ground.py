from __future__ import annotations

from dataclasses import replace

import pytest

from supervision.facts import Place, Stop
from supervision.rules.stop_ground import RULE
from tests.supervision.facts import facts, found, stop


def suspended(basis: str, category: str = "XK") -> Stop:
    one = stop(1, 1, 10, None, None)
    place = Place("YJ", one.case.place.item, category)
    return replace(one, element_id="", basis=basis, case=replace(one.case, place=place))


@pytest.mark.parametrize("basis", ["领导出差", "等待上级批复", ""])
def test_a_suspension_that_names_no_provision_is_told(basis: str) -> None:
    (one,) = found(RULE, facts(stops=[suspended(basis)]))
    assert (one.colour, one.summary_zh, one.case_id) == ("yellow", "停表依据未写明条款", 1)


@pytest.mark.parametrize(("basis", "category"), [("行政处罚法第六十条", "XK"), ("行政许可法 第四十五条", "CF")])
def test_the_law_of_another_kind_of_case_is_no_ground(basis: str, category: str) -> None:
    (one,) = found(RULE, facts(stops=[suspended(basis, category)]))
    assert "与事项类别不符" in one.summary_zh


@pytest.mark.parametrize(
    ("basis", "category"),
    [
        ("行政许可法 第四十五条", "XK"),
        ("《临江县危险化学品管理办法》", "XK"),
        ("行政强制法第二十五条", "CF"),
        ("Art. 45", "XK"),
        ("行政许可法第四十五条", "QR"),
    ],
)
def test_a_ground_that_fits_is_none(basis: str, category: str) -> None:
    assert found(RULE, facts(stops=[suspended(basis, category)])) == []


def test_what_a_step_stops_by_itself_is_the_diagrams_affair() -> None:
    assert found(RULE, facts(stops=[replace(suspended("等待"), element_id="expert_review")])) == []
