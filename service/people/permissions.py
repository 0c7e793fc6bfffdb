"""The whole access policy in one readable table: which post may do what beside its own tasks."""

from __future__ import annotations

from collections.abc import Mapping

from service.people.actor import Actor

# 财政局: who takes in the treasury's files belongs to it, and to no department that takes fees or fines.
FINANCE = "CZ"
_TOWNSHIP = frozenset({"town_clerk", "town_officer", "town_head"})
_OFFICE = _TOWNSHIP | frozenset(
    {"clerk", "officer", "section", "legal", "hearing_chair", "vice", "head", "printer", "cashier"}
)
_SUPERVISION = frozenset({"sup1", "sup2", "centre"})
_ADMIN = frozenset({"sysadmin", "secadmin", "auditor"})

# permission -> the posts that have it. `own` permissions reach the person's department, `county` ones all.
PERMISSIONS: Mapping[str, frozenset[str]] = {
    "start_case": frozenset({"clerk", "town_clerk"}),
    "read_cases_of_department": _OFFICE | {"sup1"},
    "read_cases_of_county": frozenset({"sup2", "centre", "auditor"}),
    "attach_files": _TOWNSHIP | {"clerk", "officer", "section", "legal", "head", "hearing_chair", "printer", "cashier"},
    "enter_messages": frozenset({"clerk", "town_clerk"}),
    "make_payment_notice": frozenset({"clerk", "cashier", "printer"}),
    "print_documents": frozenset({"clerk", "town_clerk", "printer", "section", "officer"}),
    "propose_certificate_changes": frozenset({"clerk", "officer", "section", "printer"}),
    "archive_cases": frozenset({"clerk", "town_clerk", "printer", "section"}),
    "read_alarms_of_department": frozenset({"section", "vice", "head", "sup1"}),
    "read_alarms_of_county": frozenset({"sup2", "centre", "auditor"}),
    "read_notices": _SUPERVISION | {"auditor"},
    "set_thresholds": frozenset({"sup2", "centre"}),
    "read_definitions": _OFFICE | _SUPERVISION | _ADMIN | {"designer"},
    "draft_definitions": frozenset({"designer"}),
    "deploy_definitions": frozenset({"designer"}),
    # Granting takes two: who proposes and, another person, who approves.
    "grant_posts": frozenset({"secadmin"}),
    "approve_posts": frozenset({"secadmin", "sysadmin"}),
    "manage_accounts": frozenset({"sysadmin"}),
    "change_settings": frozenset({"secadmin", "sysadmin"}),
    "read_office_changes": _ADMIN,
    "read_people": frozenset({"secadmin", "auditor", "sysadmin"}),
    "edit_calendar": frozenset({"sysadmin"}),
    "read_dead_letters": frozenset({"sysadmin", "auditor"}),
    "decide_messages": frozenset({"sysadmin"}),
    "manage_receivers": frozenset({"sysadmin"}),
    "read_unmatched_payments_of_department": frozenset({"cashier"}),
    "read_unmatched_payments_of_county": frozenset({"sysadmin", "auditor", "sup2"}),
    "settle_unmatched_payments": frozenset({"cashier"}),
    "import_treasury_receipts": frozenset({"cashier", "sup2", "centre"}),
    "read_treasury_receipts": frozenset({"cashier", "sup2", "centre", "auditor", "sysadmin"}),
    "read_incidents": frozenset({"sysadmin", "auditor"}),
    "settle_incidents": frozenset({"sysadmin"}),
    "hand_over_work": frozenset({"section", "vice", "head", "town_head", "secadmin"}),
    "delegate": frozenset({"section", "legal", "vice", "head"}),
}


def may(actor: Actor, permission: str, department: str | None = None) -> bool:
    """Whether one of the person's own posts carries the permission, in that department where one is named."""
    posts = PERMISSIONS[permission]
    return any(
        h.post in posts and (department is None or h.serves(h.post, department))
        for h in actor.holdings
        if h.principal_id is None
    )


def permissions_of(actor: Actor) -> list[str]:
    """Every permission of this person, sorted."""
    return sorted(name for name in PERMISSIONS if may(actor, name))
