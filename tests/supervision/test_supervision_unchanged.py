from __future__ import annotations

from typing import Any

from supervision.rules.supervision_unchanged import RULE
from tests.supervision.facts import facts, found, minute, order

ANSWERED: dict[str, Any] = {"answered_at": minute(60), "answerer_id": 9, "answerer": "某9", "mended": False}
DAY = 24 * 60


def test_an_answer_after_which_all_goes_on_for_three_days_is_red() -> None:
    (one,) = found(RULE, facts(4 * DAY, orders=[order(1, **ANSWERED)]))
    assert (one.colour, one.person_id, one.case_id) == ("red", 9, 1)
    assert found(RULE, facts(2 * DAY, orders=[order(1, **ANSWERED)])) == []


def again(count: int, *, same_step: bool = False) -> tuple[dict[str, Any], ...]:
    row = {"at": minute(90).isoformat(), "zh": "又一次", "en": "again", "same_step": same_step}
    return tuple({**row, "alarm": number} for number in range(5, 5 + count))


def test_the_same_step_again_after_the_answer_is_red_at_once_with_the_new_alarm() -> None:
    (one,) = found(RULE, facts(100, orders=[order(1, again=again(1, same_step=True), **ANSWERED | {"mended": True})]))
    assert one.evidence[1]["alarm"] == 5


def test_the_same_person_is_red_the_third_time_and_not_the_first() -> None:
    mended = ANSWERED | {"mended": True}
    assert len(found(RULE, facts(100, orders=[order(1, again=again(3), **mended)]))) == 1
    assert found(RULE, facts(9 * DAY, orders=[order(1, again=again(2), **mended)])) == []


def test_what_was_mended_or_is_not_answered_yet_is_none() -> None:
    mended = order(1, **ANSWERED | {"mended": True})
    assert found(RULE, facts(9 * DAY, orders=[mended, order(2, mended=False)])) == []


def test_what_comes_after_several_answers_belongs_to_the_last_of_them_alone() -> None:
    mended = ANSWERED | {"mended": True}
    earlier = order(1, again=again(5), **mended)
    later = mended | {"answered_at": minute(80)}
    (one,) = found(RULE, facts(9 * DAY, orders=[order(2, again=again(3), **later), earlier]))
    assert (one.case_id, [row["alarm"] for row in one.evidence[1:]]) == (2, [5, 6, 7])
    # Of five, the three that came before the second answer still show that the first has changed nothing.
    (one,) = found(RULE, facts(9 * DAY, orders=[order(2, again=again(2), **later), earlier]))
    assert (one.case_id, [row["alarm"] for row in one.evidence[1:]]) == (1, [7, 8, 9])
