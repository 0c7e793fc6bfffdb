from __future__ import annotations

from supervision.facts import Done
from supervision.rules.bunched_burst import RULE
from tests.supervision.facts import chosen, done, facts, found


def run(number: int, cases: int = 4) -> list[Done]:
    return [done(number * 10 + n, number * 300 + n * 2, 20) for n in range(cases)]


def test_runs_of_four_cases_on_four_occasions_are_red() -> None:
    (one,) = found(RULE, facts(done=[d for n in range(4) for d in run(n)]))
    assert (one.colour, one.person_id, len(one.evidence)) == ("red", 7, 16)


def test_three_occasions_and_runs_of_other_lengths_are_none() -> None:
    assert found(RULE, facts(done=[d for n in range(3) for d in run(n)])) == []
    assert found(RULE, facts(done=[d for n, length in enumerate((4, 3, 2, 4, 3, 1)) for d in run(n, length)])) == []


def test_a_county_that_alarms_at_three_watches_for_two() -> None:
    runs = [d for n in range(4) for d in run(n, 2)]
    assert found(RULE, facts(done=runs)) == [] and len(found(RULE, facts(done=runs), chosen(RULE, cases=2))) == 1
