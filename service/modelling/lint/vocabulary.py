"""The words that a county's diagrams may use: posts, groups, operations, messages, facts and functions.

The defaults are those of `processes/catalogue/items.yaml` and of docs/architecture.md; a test compares them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

POSTS: Final = frozenset(
    "applicant party system clerk officer section legal hearing_chair vice head printer cashier sup1 sup2 centre "
    "designer sysadmin secadmin auditor town_clerk town_officer town_head hotline_operator hotline_dispatcher "
    "hotline_visitor dept_clerk project_unit county_leader".split()
)
POSTS_OUTSIDE: Final = frozenset({"applicant", "party", "project_unit", "system"})
"""Posts that no office holds: their steps need no separation group."""

_PAIRS: Final = (
    "accept-review accept-approve accept-decide review-approve review-decide approve-decide investigate-review "
    "investigate-approve investigate-decide legal-accept legal-investigate legal-review legal-approve legal-decide "
    "hearing-investigate hearing-review hearing-legal print-review print-approve print-decide collect-accept "
    "collect-investigate collect-review collect-approve collect-decide collect-print accept_dept-review_dept "
    "investigate-review_dept visit-accept visit-review visit-accept_dept visit-investigate visit-review_dept "
    "supervise-accept supervise-investigate supervise-review supervise-legal supervise-approve supervise-decide "
    "supervise-print supervise-collect supervise-accept_dept supervise-review_dept supervise-visit supervise-hearing "
    "collect-legal collect-hearing print-legal print-hearing"
).split()
EXCLUSIVE: Final = frozenset(frozenset(pair.split("-")) for pair in _PAIRS)
ORDER_GROUPS: Final = frozenset({"mend", "supervise_level2", "centre"})
"""Groups of supervision orders, which are cases of their own and stand beside the catalogue's matrix."""

GROUPS: Final = frozenset().union(*EXCLUSIVE) | ORDER_GROUPS
MINIMUM_HALTS: Final = frozenset({"investigate", "hearing"})
"""Groups in which an act before its minimum does not count and halts the case (docs/architecture.md)."""

DEPARTMENTS: Final = frozenset("YJ MZ HB CG SG WJ ZJ FG ZR JT RS NY SL JY CZ RX JW KZ".split())

OPERATIONS: Final = frozenset(
    "issue_acceptance deem_acceptance publish payment_notice means_check notify_level1 notify_level2 "
    "notify_urged notify_handler notify_judge notify_returned notify_late settle_level1 notify_centre "
    "notify_confirm notify_confirm_late "
    "assess_fine tell_holder change_certificate decide_change end_certificate "
    "apply_fee_change freeze_pool draw create_lead next_milestone archive file_case surcharge report_for_filing "
    "issue_ticket".split()
)
MESSAGES: Final = frozenset(
    {"correction", "payment", "statement", "objection", "completion", "milestone_report", "halt_ruled", "cash_received"}
)
FACTS: Final = frozenset(
    "received_on accepted_on decided_on deemed fee_settled fee_exempt fee_amount fee_due fine_settled "
    "objection_received paid urgent_decision_recorded return_count redo_count "
    "escalated centre_notified direct level2_confirms order_handlers handler_post remind_hours "
    "change_kind object_drawn drawn_on drawn_officers "
    "milestones_left planned_due milestone_name prior_notice_served statement_closed written_off urge_amount "
    "remedies_until pay_by plan_ends_on collected_on handed_over_on".split()
)
"""Names that the service answers and no form may: variables that it sets, and facts of the case."""

TIMER_FUNCTIONS: Final = frozenset({"working_days", "natural_days", "office_hours", "hours", "minutes"})


@dataclass(frozen=True)
class Vocabulary:
    """What a diagram may name; a county with more operations or posts passes its own with `dataclasses.replace`."""

    posts: Collection[str] = POSTS
    groups: Collection[str] = GROUPS
    exclusive: Collection[frozenset[str]] = EXCLUSIVE
    operations: Collection[str] = OPERATIONS
    departments: Collection[str] = DEPARTMENTS
    messages: Collection[str] = MESSAGES
    facts: Collection[str] = FACTS
    functions: frozenset[str] = field(default=TIMER_FUNCTIONS)


def vocabulary_of(meta: Mapping[str, object], **more: Collection[str]) -> Vocabulary:
    """The posts and groups of a catalogue's `meta`, with further words by field name."""
    posts, separation, departments = meta["posts"], meta["separation"], meta["departments"]
    if not isinstance(posts, list) or not isinstance(departments, list) or not isinstance(separation, dict):
        raise TypeError("Expected meta.posts and meta.departments to be lists and meta.separation a mapping")
    return Vocabulary(
        posts=frozenset(post["id"] for post in posts),
        groups=frozenset(separation["groups"]) | ORDER_GROUPS,
        exclusive=frozenset(frozenset(pair) for pair in separation["exclusive_pairs"]),
        operations=more.get("operations", OPERATIONS),
        departments=frozenset(one["code"] for one in departments),
        messages=more.get("messages", MESSAGES),
        facts=more.get("facts", FACTS),
    )
