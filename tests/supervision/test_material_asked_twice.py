from __future__ import annotations

from supervision.rules.material_asked_twice import RULE
from tests.supervision.facts import act, chosen, facts, found


def test_a_second_request_for_corrections_is_told_with_both() -> None:
    asked = [
        act(1, 5, kind="correction_asked"),
        act(1, 900, kind="correction_asked"),
        act(2, 6, kind="correction_asked"),
    ]
    (one,) = found(RULE, facts(acts=asked))
    assert (one.colour, one.case_id, len(one.evidence)) == ("yellow", 1, 2)
    assert found(RULE, facts(acts=asked), chosen(RULE, allowed=2)) == []
