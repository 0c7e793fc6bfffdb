"""The whole access policy in one readable table: which post may do what beside its own tasks."""

from __future__ import annotations

from collections.abc import Mapping

from service.people.actor import Actor, Holding
from service.people.posts import starting_posts

# 财政局: who takes in the treasury's files belongs to it, and to no department that takes fees or fines.
FINANCE = "CZ"
_TOWNSHIP = frozenset({"town_clerk", "town_officer", "town_head"})
_OFFICE = _TOWNSHIP | frozenset(
    {"clerk", "officer", "section", "legal", "hearing_chair", "vice", "head", "printer", "cashier"}
)
_HOTLINE = frozenset({"hotline_operator", "hotline_dispatcher", "hotline_visitor"})
_SUPERVISION = frozenset({"sup1", "sup2", "centre"})
_ADMIN = frozenset({"sysadmin", "secadmin", "auditor"})

# permission -> the posts that have it. `own` permissions reach the person's department, `county` ones all.
PERMISSIONS: Mapping[str, frozenset[str]] = {
    "start_case": frozenset({"clerk", "town_clerk", "hotline_operator"}),
    "report_milestones": frozenset({"project_unit"}),
    "start_of_own_motion": frozenset({"officer", "section"}),
    "read_cases_of_department": _OFFICE | _HOTLINE | {"sup1", "dept_clerk", "project_unit"},
    "read_cases_of_county": frozenset({"sup2", "centre", "auditor", "county_leader"}),
    # 来电人要求保密: beside the department that took the call.
    "know_secret_callers": frozenset({"sup2", "centre", "auditor"}),
    # 热线月报: the hotline and supervision see all departments, a department its own.
    "read_hotline_figures": frozenset({"dept_clerk", "section", "vice", "head", "sup1"}),
    "read_hotline_figures_of_county": _HOTLINE | {"sup2", "centre", "auditor", "county_leader"},
    # 数据核验记录: whose data was asked for, masked, and by whom.
    "read_lookups": frozenset({"sup2", "centre", "auditor"}),
    # 授权阅件: one case, to read, until a day.
    "let_read_cases": frozenset({"vice", "head"}),
    "attach_files": _TOWNSHIP
    | {"clerk", "officer", "section", "legal", "head", "hearing_chair", "printer", "cashier"}
    | _HOTLINE
    | {"dept_clerk", "project_unit"},
    "enter_messages": frozenset({"clerk", "town_clerk"}),
    "make_payment_notice": frozenset({"clerk", "cashier", "printer"}),
    "print_documents": frozenset(
        {"clerk", "town_clerk", "printer", "section", "officer", "hotline_dispatcher", "dept_clerk"}
    ),
    "propose_certificate_changes": frozenset({"clerk", "officer", "section", "printer"}),
    "archive_cases": frozenset({"clerk", "town_clerk", "printer", "section"}),
    "read_alarms_of_department": frozenset({"section", "vice", "head", "sup1"}),
    "read_alarms_of_county": frozenset({"sup2", "centre", "auditor"}),
    "read_notices": _SUPERVISION | {"auditor"},
    # 评价、投诉的答复: the department answers, never who handled the case.
    "answer_feedback": frozenset({"section", "vice", "head", "town_head"}),
    "settle_alarms_of_department": frozenset({"sup1"}),
    "settle_alarms_of_county": frozenset({"sup2", "centre"}),
    # Orders beside those of red alarms: from an inspection, a complaint, a leader's note, or many alarms in one.
    "issue_orders": frozenset({"sup2", "centre"}),
    # 一级督办经办人: an order of level 1 to a handler of its own department, and who that is.
    "order_handlers": frozenset({"sup1"}),
    "set_thresholds": frozenset({"sup2", "centre"}),
    "read_definitions": _OFFICE | _HOTLINE | _SUPERVISION | _ADMIN | {"designer", "dept_clerk"},
    "draft_definitions": frozenset({"designer"}),
    "deploy_definitions": frozenset({"designer"}),
    # Granting takes two: who proposes and, another person, who approves.
    "grant_posts": frozenset({"secadmin"}),
    "approve_posts": frozenset({"secadmin", "sysadmin"}),
    "manage_accounts": frozenset({"sysadmin"}),
    "edit_document_words": frozenset({"designer", "sysadmin"}),
    "change_settings": frozenset({"secadmin", "sysadmin"}),
    "read_office_changes": _ADMIN,
    "read_people": frozenset({"secadmin", "auditor", "sysadmin"}),
    "edit_calendar": frozenset({"sysadmin"}),
    "read_dead_letters": frozenset({"sysadmin", "auditor"}),
    "decide_messages": frozenset({"sysadmin"}),
    "manage_receivers": frozenset({"sysadmin"}),
    "read_unmatched_payments_of_department": frozenset({"cashier"}),
    "read_unmatched_payments_of_county": frozenset({"sysadmin", "auditor", "sup2"}),
    "propose_fee_changes": frozenset({"clerk", "officer", "cashier"}),
    # 收费标准: who takes the fee or keeps the treasury proposes; finance (财政) approves, by another person.
    "read_fee_standards": _OFFICE | _SUPERVISION | _ADMIN,
    "propose_fee_standards": frozenset({"cashier", "section"}),
    "approve_fee_standards": frozenset({"section", "vice", "head"}),
    "settle_unmatched_payments": frozenset({"cashier"}),
    "import_treasury_receipts": frozenset({"cashier", "sup2", "centre"}),
    "read_treasury_receipts": frozenset({"cashier", "sup2", "centre", "auditor", "sysadmin"}),
    # 核验网上收费: the county compares; the department reads and explains what concerns it.
    "read_differences_of_county": frozenset({"sup2", "centre", "auditor"}),
    "read_differences_of_department": frozenset({"section", "vice", "head", "sup1", "cashier"}),
    "explain_differences": frozenset({"section", "vice", "head", "sup1"}),
    "decide_differences": frozenset({"sup2", "centre"}),
    "read_incidents": frozenset({"sysadmin", "auditor"}),
    "settle_incidents": frozenset({"sysadmin"}),
    # 回避由负责人决定 (行政处罚法 Art. 43).
    "decide_recusals": frozenset({"vice", "head"}),
    # 双随机名录库: who keeps a pool proposes who leaves it; a leader of the department decides.
    "read_inspection_pools": frozenset({"officer", "section", "vice", "head", "sup1"}),
    "read_inspection_pools_of_county": frozenset({"sup2", "centre", "auditor"}),
    "keep_inspection_pools": frozenset({"section"}),
    "approve_pool_changes": frozenset({"vice", "head"}),
    "hand_over_work": frozenset({"section", "vice", "head", "town_head", "secadmin"}),
    "enter_leave": frozenset({"section", "vice", "head", "town_head", "secadmin"}),
    "delegate": frozenset({"section", "legal", "vice", "head"}),
    # 停机补录: who declares enters nothing, who enters voids no receipt, and supervision may object.
    "declare_outages": frozenset({"secadmin"}),
    "object_to_outages": frozenset({"sup1", "sup2", "centre"}),
    "print_paper_receipts": frozenset({"clerk", "town_clerk", "section", "hotline_operator", "hotline_dispatcher"}),
    "void_paper_receipts": frozenset({"section", "hotline_dispatcher"}),
    "read_outages": _OFFICE | _HOTLINE | _SUPERVISION | _ADMIN,
    # 罚款专用票据 (行政处罚法 Art. 70): finance (财政) issues books, a department gives them to its officers.
    "register_ticket_books": frozenset({"cashier", "section"}),
    "allot_ticket_books": frozenset({"cashier", "section"}),
    "use_ticket_books": frozenset({"officer"}),
    "read_ticket_books": frozenset({"officer", "section", "vice", "head", "cashier"}) | _SUPERVISION | _ADMIN,
    # 当场收缴的罚款交至行政机关、缴付银行 (Art. 71): never who has taken the money.
    "receive_cash": frozenset({"cashier"}),
}


def may(actor: Actor, permission: str, department: str | None = None) -> bool:
    """Whether one of the person's own posts carries the permission, in that department where one is named."""
    posts = PERMISSIONS[permission]
    return any(
        h.post in posts and (department is None or h.serves(h.post, department))
        for h in actor.holdings
        if h.principal_id is None
    )


def may_start(actor: Actor, first_post: str, department: str) -> bool:
    """Whether the person may begin a case of an item of this department whose first step has this post."""
    return starting_holding(actor, first_post, department) is not None


def starting_holding(actor: Actor, first_post: str, department: str) -> Holding | None:
    """The own post by which a person begins such a case."""
    own = [h for h in actor.holdings if h.principal_id is None]
    return next((h for h in own for p in starting_posts(first_post) if h.serves(p, department)), None)


def permissions_of(actor: Actor) -> list[str]:
    """Every permission of this person, sorted."""
    return sorted(name for name in PERMISSIONS if may(actor, name))
