from __future__ import annotations

from supervision.rules.material_returned import RULE
from tests.supervision.facts import act, facts, found


def test_papers_asked_for_after_acceptance_are_told_with_who_did() -> None:
    (one,) = found(RULE, facts(acts=[act(1, 1), act(2, 5, kind="returned_for_materials")]))
    assert (one.case_id, one.person_id, one.colour) == (2, 7, "yellow")
