"""What the answers of those who were asked together come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.user_tasks.opinions import ANSWERS, RULES, holds, result_of

_ANSWERS = st.lists(st.sampled_from([None, *ANSWERS]), min_size=1, max_size=7)


@pytest.mark.parametrize(
    ("rule", "answers", "result"),
    [
        ("each", ["disagree", None], "open"),
        ("each", ["disagree", "agree"], "failed"),
        ("each", ["abstain", "agree"], "passed"),
        ("all", ["agree", None], "open"),
        ("all", ["abstain", None], "failed"),
        ("all", ["agree", "agree"], "passed"),
        ("majority", ["agree", "agree", None], "passed"),
        ("majority", ["agree", "disagree"], "failed"),
        ("majority", ["agree", "disagree", None], "open"),
        ("veto", ["disagree", None, None], "failed"),
        ("veto", ["abstain", "agree"], "passed"),
    ],
)
def test_a_round_comes_to_its_result(rule: str, answers: list[str | None], result: str) -> None:
    assert result_of(rule, answers) == result


@given(st.sampled_from(sorted(RULES)), _ANSWERS, st.sampled_from(sorted(ANSWERS)))
def test_a_result_that_stands_is_changed_by_no_later_answer(rule: str, answers: list[str | None], later: str) -> None:
    before = result_of(rule, answers)
    filled = [later if one is None else one for one in answers]
    assert before in ("open", result_of(rule, filled))
    assert result_of(rule, filled) != "open"


def test_a_consultation_holds_nothing_up() -> None:
    assert holds("before", "open") and not holds("consult", "open") and not holds("countersign", "failed")
