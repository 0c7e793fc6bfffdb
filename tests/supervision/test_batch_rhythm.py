from __future__ import annotations

from datetime import timedelta

from supervision.rules.batch_rhythm import RULE
from tests.supervision.facts import act, chosen, facts, found


def test_six_cases_every_eleven_minutes_to_the_second_are_one_red_alarm() -> None:
    (one,) = found(RULE, facts(acts=[act(n, n * 11) for n in range(1, 9)]))
    assert (one.colour, len(one.evidence), one.person_id) == ("red", 6, 7)
    assert "660" in one.summary_zh


def test_a_persons_own_pace_is_none() -> None:
    at = (1, 9, 24, 30, 47, 55, 71, 80)
    assert found(RULE, facts(acts=[act(n, minute) for n, minute in enumerate(at)])) == []


def test_what_follows_within_two_minutes_is_a_burst_and_one_case_is_no_run() -> None:
    assert found(RULE, facts(acts=[act(n, n * 2) for n in range(1, 9)])) == []
    assert found(RULE, facts(acts=[act(1, n * 11) for n in range(1, 9)])) == []


def test_the_county_chooses_how_alike() -> None:
    at = (0, 11, 22.5, 33.2, 44, 55)
    acts = [act(n, minute) for n, minute in enumerate(at)]
    assert len(found(RULE, facts(acts=acts))) == 1
    assert found(RULE, facts(acts=acts), chosen(RULE, percent=1)) == []


def test_nine_cases_that_spread_by_less_than_people_do_are_told_and_a_busy_fair_is_not() -> None:
    uneven = (0, 2.8, 6.1, 8.6, 11.9, 14.7, 17.2, 20.5, 23.2, 26.4)
    (one,) = found(RULE, facts(acts=[act(n, minute) for n, minute in enumerate(uneven)]))
    assert len(one.evidence) == 9
    fair = (0, 2.8, 8.1, 12.6, 14.9, 22.7, 25.2, 29.5, 36.2, 41.4)
    assert found(RULE, facts(acts=[act(n, minute) for n, minute in enumerate(fair)])) == []


def test_what_passes_out_of_sight_act_by_act_is_not_told_anew() -> None:
    acts = [act(n, n * 5) for n in range(1, 13)]
    assert len(found(RULE, facts(acts=acts, since=acts[0].at - timedelta(days=1)))) == 1
    for seen in range(1, len(acts)):
        assert found(RULE, facts(acts=acts[seen:], since=acts[seen - 1].at + timedelta(seconds=1))) == []
