from __future__ import annotations

from supervision.rules.off_system_gap import RULE
from tests.supervision.facts import document, facts, found


def test_a_missing_number_is_found_between_its_neighbours() -> None:
    (one,) = found(RULE, facts(numbers=[document(1, 7), document(2, 8), document(3, 11)]))
    assert "缺 2 个编号" in one.summary_zh
    assert [row["zh"] for row in one.evidence] == ["苏〔2026〕0008号", "苏〔2026〕0011号"]


def test_other_series_and_new_ranges_of_numbers_are_no_gaps() -> None:
    assert found(RULE, facts(numbers=[document(1, 7), document(2, 9, "refusal/苏〔2026〕…号")])) == []
    assert found(RULE, facts(numbers=[document(1, 7), document(2, 5000)])) == []
