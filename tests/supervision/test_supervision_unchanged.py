from __future__ import annotations

from typing import Any

from supervision.rules.supervision_unchanged import RULE
from tests.supervision.facts import facts, found, minute, order

ANSWERED: dict[str, Any] = {"answered_at": minute(60), "answerer_id": 9, "answerer": "某9", "mended": False}
DAY = 24 * 60


def test_an_answer_after_which_all_goes_on_for_three_days_is_red() -> None:
    (one,) = found(RULE, facts(3 * DAY + 60, orders=[order(1, **ANSWERED)]))
    assert (one.colour, one.person_id, one.case_id) == ("red", 9, 1)
    assert found(RULE, facts(2 * DAY, orders=[order(1, **ANSWERED)])) == []


def test_the_same_again_after_the_answer_is_red_at_once_with_the_new_alarms() -> None:
    again = ({"at": minute(90).isoformat(), "alarm": 5, "zh": "又一次", "en": "again"},)
    (one,) = found(RULE, facts(100, orders=[order(1, again=again, **ANSWERED)]))
    assert one.evidence[1]["alarm"] == 5


def test_what_was_mended_or_is_not_answered_yet_is_none() -> None:
    mended = order(1, **ANSWERED | {"mended": True})
    assert found(RULE, facts(9 * DAY, orders=[mended, order(2, mended=False)])) == []
