from __future__ import annotations

from supervision.facts import Act
from supervision.rules.concentrated_terminal import RULE
from tests.supervision.facts import act, chosen, facts, found


def pair(
    of: int, apart: float = 30, groups: tuple[str, str] = ("review", "decide"), people: tuple[int, int] = (7, 8)
) -> list[Act]:
    begin = of * 100
    return [
        act(of, begin, person=people[0], terminal="T1", group=groups[0]),
        act(of, begin + apart, person=people[1], terminal="T1", group=groups[1]),
    ]


def test_separated_steps_of_three_cases_at_one_terminal_by_two_accounts_are_red() -> None:
    (one,) = found(RULE, facts(acts=[*pair(1), *pair(2), *pair(3)]))
    assert (one.colour, len(one.evidence), one.person_id) == ("red", 6, 8)


def test_a_window_terminal_where_clerks_do_the_same_step_is_none() -> None:
    assert found(RULE, facts(acts=[a for n in (1, 2, 3) for a in pair(n, groups=("accept", "accept"))])) == []


def test_two_cases_and_acts_hours_apart_are_none() -> None:
    assert found(RULE, facts(acts=[*pair(1), *pair(2)])) == []
    assert found(RULE, facts(acts=[a for n in (1, 2, 3) for a in pair(n, apart=70)])) == []
    assert (
        len(found(RULE, facts(acts=[a for n in (1, 2, 3) for a in pair(n, apart=70)]), chosen(RULE, minutes=90))) == 1
    )
