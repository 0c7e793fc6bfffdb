"""Every rule, in the order in which they are told: what acts decide, and what passes find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from supervision.alarm_rules import ACT_RULES
from supervision.facts import Facts
from supervision.rules import (
    backfilled_entry,
    backfilled_receipt,
    backfilled_steps,
    batch_burst,
    batch_eve,
    batch_rhythm,
    batch_terminal,
    bunched_burst,
    bunched_minimum,
    concentrated_leader,
    concentrated_loan,
    concentrated_piled,
    concentrated_posts,
    concentrated_terminal,
    fee_amount,
    fee_cancelled,
    fee_cash_held,
    fee_discretion,
    fee_reductions,
    fee_unpaid_closing,
    material_asked_twice,
    material_declined,
    material_empty,
    material_refused,
    material_returned,
    material_same_file,
    odd_hours_acts,
    odd_hours_habit,
    off_system_complaint,
    off_system_gap,
    off_system_paper,
    off_system_penalty,
    off_system_receipt,
    off_system_silence,
    off_system_window,
    service_complaint,
    service_rating,
    service_unanswered,
    stop_ground,
    stop_late,
    stop_many,
    stop_plan,
    supervision_bare,
    supervision_calendar,
    supervision_offline,
    supervision_unchanged,
    supervision_unopened,
    too_early_peers,
)
from supervision.rules.rule import Choice, Finding, Rule, chooser

_MODULES = (
    too_early_peers,
    backfilled_steps,
    backfilled_receipt,
    backfilled_entry,
    batch_burst,
    batch_terminal,
    batch_rhythm,
    batch_eve,
    odd_hours_acts,
    odd_hours_habit,
    off_system_receipt,
    off_system_penalty,
    off_system_paper,
    off_system_complaint,
    off_system_gap,
    off_system_silence,
    off_system_window,
    concentrated_posts,
    concentrated_piled,
    concentrated_loan,
    concentrated_leader,
    concentrated_terminal,
    fee_amount,
    fee_cancelled,
    fee_cash_held,
    fee_reductions,
    fee_unpaid_closing,
    fee_discretion,
    material_returned,
    material_asked_twice,
    material_declined,
    material_same_file,
    material_refused,
    material_empty,
    stop_plan,
    stop_many,
    stop_late,
    stop_ground,
    service_rating,
    service_complaint,
    service_unanswered,
    supervision_offline,
    supervision_unopened,
    supervision_bare,
    supervision_unchanged,
    supervision_calendar,
    bunched_minimum,
    bunched_burst,
)
PASS_RULES: Mapping[str, Rule] = {module.RULE.code: module.RULE for module in _MODULES}
# All of them; those of the acts first.
RULES: Mapping[str, Rule] = {**{rule.code: rule for rule in ACT_RULES}, **PASS_RULES}


def findings(facts: Facts, choices: Iterable[Choice]) -> Iterator[Finding]:
    """What all rules find."""
    chosen = tuple(choices)
    for rule in PASS_RULES.values():
        yield from rule.find(facts, chooser(rule, chosen))
