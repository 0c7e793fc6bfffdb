from __future__ import annotations

from supervision.facts import Act
from supervision.rules.material_refused import RULE
from tests.supervision.facts import act, facts, found


def refused(at: float, code: str = "control_node_missing", step: str = "print_certificate") -> Act:
    return act(1, at, kind="act_refused", code=code, step=step)


def test_three_refusals_at_one_control_node_are_told() -> None:
    (one,) = found(RULE, facts(acts=[refused(1), refused(2), refused(9)]))
    assert (one.case_id, one.element_id, len(one.evidence)) == (1, "print_certificate", 3)


def test_refusals_for_other_reasons_or_at_other_steps_are_not_added_up() -> None:
    assert found(RULE, facts(acts=[refused(1), refused(2, "task_taken"), refused(3, step="decide")])) == []
