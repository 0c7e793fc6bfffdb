from __future__ import annotations

from supervision.facts import NumberGap
from supervision.number_series import series_and_place
from supervision.rules.off_system_gap import RULE
from tests.supervision.facts import document, facts, found


def test_a_missing_number_is_found_between_its_neighbours() -> None:
    (one,) = found(RULE, facts(gaps=[NumberGap(document(2, 8), document(3, 11))]))
    assert "缺 2 个编号" in one.summary_zh
    assert [row["zh"] for row in one.evidence] == ["苏〔2026〕0008号", "苏〔2026〕0011号"]


def test_a_new_range_of_numbers_is_no_gap() -> None:
    assert found(RULE, facts(gaps=[NumberGap(document(1, 7), document(2, 5000))])) == []


def test_kinds_of_shops_share_one_sequence_and_leave_no_gaps() -> None:
    pattern = "JY{form:1}32990{seq:08d}"
    places = [series_and_place(number, pattern) for number in ("JY13299000000001", "JY23299000000002")]
    assert places == [(f"{pattern}/", 1), (f"{pattern}/", 2)]
    assert series_and_place("临民受〔2025〕0007号", None) == ("临民受〔2025〕…号", 7)
