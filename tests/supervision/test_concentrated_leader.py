from __future__ import annotations

from dataclasses import replace

from supervision.facts import Act, Seat, Stage
from supervision.rules.concentrated_leader import RULE
from tests.supervision.facts import act, facts, found, minute


def pairs(count: int, minutes: float) -> list[Act]:
    clerks = [act(n, n * 60, person=1, post="clerk") for n in range(1, count + 1)]
    leaders = [act(n, n * 60 + minutes, person=2, post="vice", step="decide") for n in range(1, count + 1)]
    return clerks + leaders


def seats(address: str) -> list[Seat]:
    return [Seat(1, "10.0.0.1", minute(0), minute(900)), Seat(2, address, minute(0), minute(900))]


def test_a_leader_who_always_follows_the_clerk_within_seconds_from_one_address_is_told() -> None:
    (one,) = found(RULE, facts(acts=pairs(3, 0.5), seats=seats("10.0.0.1")))
    assert (one.colour, one.person_id, len(one.evidence)) == ("red", 2, 6)


def test_another_address_some_minutes_or_one_time_are_none() -> None:
    assert found(RULE, facts(acts=pairs(3, 0.5), seats=seats("10.0.0.2"))) == []
    assert found(RULE, facts(acts=pairs(3, 12), seats=seats("10.0.0.1"))) == []
    assert found(RULE, facts(acts=pairs(1, 0.5), seats=seats("10.0.0.1"))) == []


def test_a_leader_who_waits_for_the_minimum_and_not_a_second_more_is_told_too() -> None:
    given = pairs(3, 2.2)
    stages = [
        Stage(one, str(one.seq), 132, (), True, (), minute(one.seq * 60 + 2)) for one in given if one.post == "vice"
    ]
    (one,) = found(RULE, facts(acts=given, stages=stages, seats=seats("10.0.0.1")))
    assert len(one.evidence) == 6
    assert found(RULE, facts(acts=given, seats=seats("10.0.0.1"))) == []


def test_addresses_that_the_acts_tell_go_before_those_of_sessions() -> None:
    here = [replace(one, address="10.9.0.1") for one in pairs(3, 0.5)]
    assert len(found(RULE, facts(acts=here))) == 1
    apart = [replace(one, address=f"10.9.0.{one.person_id}") for one in here]
    assert found(RULE, facts(acts=apart, seats=seats("10.0.0.1"))) == []


def test_four_times_within_three_minutes_of_one_day_are_told_and_a_quick_day_is_not() -> None:
    near = [replace(one, address="10.9.0.1") for one in pairs(4, 2.5)]
    (one,) = found(RULE, facts(acts=near))
    assert len(one.evidence) == 8
    assert found(RULE, facts(acts=near[:3] + near[4:7])) == []
    assert found(RULE, facts(acts=[replace(one, address="10.9.0.1") for one in pairs(4, 5)])) == []
