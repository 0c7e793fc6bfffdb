"""Every rule of a pass, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from supervision.facts import Facts
from supervision.rules import (
    backfilled_entry,
    backfilled_receipt,
    backfilled_steps,
    batch_burst,
    concentrated_leader,
    concentrated_loan,
    concentrated_piled,
    concentrated_posts,
    fee_amount,
    fee_cancelled,
    material_empty,
    material_refused,
    material_returned,
    material_same_file,
    odd_hours_acts,
    off_system_gap,
    off_system_paper,
    off_system_receipt,
    off_system_silence,
    stop_many,
    stop_plan,
    too_early_peers,
)
from supervision.rules.rule import Choice, Finding, Rule, chooser

_MODULES = (
    too_early_peers,
    backfilled_steps,
    backfilled_receipt,
    backfilled_entry,
    batch_burst,
    odd_hours_acts,
    off_system_receipt,
    off_system_paper,
    off_system_gap,
    off_system_silence,
    concentrated_posts,
    concentrated_piled,
    concentrated_loan,
    concentrated_leader,
    fee_amount,
    fee_cancelled,
    material_returned,
    material_same_file,
    material_refused,
    material_empty,
    stop_plan,
    stop_many,
)
RULES: Mapping[str, Rule] = {module.RULE.code: module.RULE for module in _MODULES}


def findings(facts: Facts, choices: Iterable[Choice]) -> Iterator[Finding]:
    """What all rules find."""
    chosen = tuple(choices)
    for rule in RULES.values():
        yield from rule.find(facts, chooser(rule, chosen))
