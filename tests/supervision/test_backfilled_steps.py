from __future__ import annotations

from dataclasses import replace

from supervision.rules.backfilled_steps import RULE
from tests.supervision.facts import act, case, facts, found


def test_three_steps_of_a_case_within_five_minutes_are_backfilled_whoever_does_them() -> None:
    steps = [act(1, n, person=n, step=f"step{n}", group="review") for n in (1, 2, 4)]
    (one,) = found(RULE, facts(acts=steps))
    assert (one.colour, one.case_id, one.cause) == ("red", 1, "case/1")
    assert len(one.evidence) == 3


def test_the_same_step_again_or_an_honest_pace_is_none() -> None:
    assert found(RULE, facts(acts=[act(1, n, step="formal_check", group="accept") for n in (1, 2, 3)])) == []
    assert found(RULE, facts(acts=[act(1, n * 6, step=f"step{n}", group="review") for n in (1, 2, 3)])) == []
    assert found(RULE, facts(acts=[act(n, n, step=f"step{n}", group="review") for n in (1, 2, 3)])) == []


def test_a_decision_that_is_printed_and_handed_out_at_once_is_none() -> None:
    groups = {1: "decide", 2: "print", 3: "print"}
    assert found(RULE, facts(acts=[act(1, n, step=f"step{n}", group=group) for n, group in groups.items()])) == []


def test_a_penalty_on_the_spot_is_quick_by_law() -> None:
    quick = [
        replace(act(1, n, step=f"step{n}", group="investigate"), case=replace(case(1), at_once=True)) for n in range(3)
    ]
    assert found(RULE, facts(acts=quick)) == []
    assert len(found(RULE, facts(acts=[act(1, n, step=f"step{n}", group="investigate") for n in range(3)]))) == 1
