from __future__ import annotations

from supervision.facts import Stage
from supervision.rules.too_early_peers import RULE, least_seconds
from tests.supervision.facts import act, facts, found

USUAL = tuple(float(seconds) for seconds in range(1800, 4800, 100))  # 30 cases of half an hour and more


def stage(seconds: float, earlier: tuple[float, ...] = USUAL, *, minimum: bool = False) -> Stage:
    return Stage(act(1, 5), "task1", seconds, earlier, minimum)


def test_a_step_far_below_all_that_it_ever_took_is_told() -> None:
    (one,) = found(RULE, facts(stages=[stage(20)]))
    assert (one.colour, one.evidence[0]["cases"], one.evidence[0]["seconds"]) == ("yellow", 30, 20)


def test_a_fast_but_possible_one_is_none_nor_are_29_cases_nor_a_step_with_a_minimum() -> None:
    assert found(RULE, facts(stages=[stage(1500)])) == []
    assert found(RULE, facts(stages=[stage(20, USUAL[:29]), stage(20, minimum=True)])) == []


def test_slow_days_and_the_fast_ones_themselves_hardly_move_what_is_possible() -> None:
    spoilt = (*USUAL, *[400_000.0] * 4, *[5.0] * 4)
    assert 0.5 < least_seconds(spoilt, 3.5) / least_seconds(USUAL, 3.5) < 2
