from __future__ import annotations

from supervision.facts import Done
from supervision.rules.odd_hours_habit import RULE
from tests.supervision.facts import chosen, done, facts, found

# 09:00 of the facts' Monday is minute 0: 22:30 is 810 minutes later, and a day has 1440.
LATE, DAY = 13.5 * 60, 24 * 60


def nights(*acts: int) -> list[Done]:
    """So many acts in each of the nights that follow each other."""
    return [
        done(100 * night + number, LATE + night * DAY + number * 9, 5)
        for night, count in enumerate(acts)
        for number in range(count)
    ]


def test_two_acts_in_each_of_two_nights_are_a_habit() -> None:
    (one,) = found(RULE, facts(done=nights(2, 2)))
    assert (one.colour, one.person_id, len(one.evidence)) == ("yellow", 7, 4)
    assert found(RULE, facts(done=nights(2, 2)), chosen(RULE, acts=5)) == []


def test_one_evening_a_week_and_a_single_night_are_none() -> None:
    assert found(RULE, facts(done=nights(1, 1, 1))) == []
    assert found(RULE, facts(done=nights(4))) == []
    by_day = [done(n, n * DAY, 5) for n in range(4)]
    assert found(RULE, facts(done=by_day)) == []
