from __future__ import annotations

from supervision.facts import Held
from supervision.rules.concentrated_piled import RULE
from tests.supervision.facts import MONDAY, facts, found


def held(*posts: str) -> list[Held]:
    return [Held(n, 7, "某7", "YJ", post, MONDAY) for n, post in enumerate(posts, 1)]


def test_four_posts_on_one_person_are_told_and_three_are_not() -> None:
    assert len(found(RULE, facts(held=held("clerk", "officer", "printer", "section")))) == 1
    assert found(RULE, facts(held=held("clerk", "officer", "printer"))) == []
    assert found(RULE, facts(held=held("clerk", "officer", "printer", "auditor"))) == []
