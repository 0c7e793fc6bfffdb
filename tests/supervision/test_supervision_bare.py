from __future__ import annotations

from typing import Any

from supervision.rules.supervision_bare import RULE
from tests.supervision.facts import chosen, facts, found, minute, order

ANSWERED: dict[str, Any] = {"answered_at": minute(60), "answerer_id": 9, "answerer": "某9"}


def test_an_answer_in_two_words_and_without_a_file_is_told() -> None:
    (one,) = found(RULE, facts(orders=[order(1, answer="已整改", **ANSWERED)]))
    assert (one.colour, one.person_id) == ("yellow", 9) and "3 字" in one.summary_zh


def test_an_answer_that_tells_or_shows_what_was_done_and_one_that_is_owed_are_none() -> None:
    told = order(1, answer="已调取窗口录像和系统日志，经核对由本人于当日十时补办。", **ANSWERED)
    shown = order(2, answer="见附件", files=1, **ANSWERED)
    assert found(RULE, facts(orders=[told, shown, order(3)])) == []
    assert found(RULE, facts(orders=[order(1, answer="已整改", **ANSWERED)]), chosen(RULE, letters=2)) == []
