from __future__ import annotations

from random import Random

import pytest

from supervision.facts import Done
from supervision.rules.bunched_minimum import RULE
from tests.supervision.facts import chosen, done, facts, found


def test_four_surveys_just_past_their_thirty_minutes_are_red() -> None:
    surveys = [done(n, n * 1000, 30 + n * 0.3, 30, step="site_survey") for n in (1, 2, 3, 4)]
    (one,) = found(RULE, facts(done=surveys))
    assert (one.colour, one.person_id, len(one.evidence), one.element_id) == ("red", 7, 4, "site_survey")


def test_surveys_that_take_as_long_as_they_take_are_none() -> None:
    lengths = (31, 45, 52, 75, 40, 32, 120, 66, 34, 31.5)
    assert found(RULE, facts(done=[done(n, n * 1000, took, 30) for n, took in enumerate(lengths)])) == []


def test_steps_without_a_minimum_and_three_times_are_none() -> None:
    assert found(RULE, facts(done=[done(n, n * 1000, 30.5) for n in range(9)])) == []
    three = [done(n, n * 1000, 30.5, 30) for n in range(3)]
    assert found(RULE, facts(done=three)) == [] and len(found(RULE, facts(done=three), chosen(RULE, times=3))) == 1


def test_who_waits_until_the_published_band_is_over_bunches_there() -> None:
    waits = [done(n, n * 1000, 33 + n * 0.2, 30) for n in (1, 2, 3, 4, 5)]
    (one,) = found(RULE, facts(done=waits))
    assert len(one.evidence) == 5
    far = [done(n, n * 1000, 80 + n * 0.2, 30) for n in (1, 2, 3, 4, 5)]
    assert found(RULE, facts(done=far)) == []


def test_who_does_much_else_is_told_too_and_whose_many_quick_steps_spread_is_not() -> None:
    waits = [done(n, n * 1000, 30 + n * 0.3, 30) for n in (1, 2, 3, 4)]
    others = [done(n, n * 1000, 60 + 20 * n, 30) for n in range(5, 17)]
    assert len(found(RULE, facts(done=[*waits, *others]))) == 1
    quick = [done(n, n * 1000, 30 + n * 0.6, 30) for n in range(1, 40)]
    assert found(RULE, facts(done=quick)) == []


def honest(many: int, least: float, most: float, seed: int) -> list[Done]:
    """So many visits that take as long as they take, each from its minimum of an hour on (minutes)."""
    draw = Random(seed)
    return [done(n, n * 1000, draw.uniform(least, most), 60) for n in range(100, 100 + many)]


# Eight visits of some hours on each working day are more than anybody does.
@pytest.mark.parametrize("many", [20, 60, 100, 170])
def test_who_does_many_more_is_told_of_the_few_that_wait_for_the_clock(many: int) -> None:
    waits = [done(n, n * 1000, 60 + n * 0.05, 60) for n in (1, 2, 3, 4, 5)]
    (one,) = found(RULE, facts(done=[*waits, *honest(many, 60, 840, 1)]))
    assert {row["case"] for row in one.evidence} >= {row.act.case.number for row in waits}


@pytest.mark.parametrize(("many", "most"), [(8, 840), (20, 840), (60, 840), (170, 840), (60, 240), (60, 120)])
def test_many_that_take_as_long_as_they_take_are_none_but_for_one_of_a_hundred_months(many: int, most: float) -> None:
    assert sum(len(found(RULE, facts(done=honest(many, 60, most, seed)))) for seed in range(100)) <= 1
