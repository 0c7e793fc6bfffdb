from __future__ import annotations

from supervision.rules.material_declined import RULE
from tests.supervision.facts import ending, facts, found


def test_who_refuses_most_of_what_was_accepted_is_told_with_the_cases() -> None:
    ended = [
        *(ending(n, "refused") for n in (1, 2, 3)),
        ending(4, "granted"),
        *(ending(n, "granted", by=8) for n in (5, 6)),
    ]
    (one,) = found(RULE, facts(month_endings=ended))
    assert (one.colour, one.person_id, len(one.evidence)) == ("yellow", 7, 3)


def test_three_refusals_among_many_are_none() -> None:
    ended = [*(ending(n, "refused") for n in (1, 2, 3)), *(ending(n, "granted") for n in range(4, 14))]
    assert found(RULE, facts(month_endings=ended)) == []
