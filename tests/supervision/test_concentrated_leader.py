from __future__ import annotations

from supervision.facts import Act, Seat
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
