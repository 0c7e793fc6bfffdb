from __future__ import annotations

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
