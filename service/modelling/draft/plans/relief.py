"""Temporary relief (临时救助): the urgent part is paid first, the ordinary check follows within its own limit."""

from __future__ import annotations

from service.modelling.draft.planned import Clock, Plan, Scope
from service.modelling.draft.wording import Words

_URGENT = Scope(
    id="urgent",
    words=Words("急难型先行救助", "Urgent relief first"),
    steps=("urgent_decision", "urgent_payment"),
    start=Words("急难型", "Urgent"),
    first="urgent_decision",
    ends={
        "urgent_settled": Words("已先行发放", "Paid at once"),
        "urgent_declined": Words("转一般程序", "To the ordinary procedure"),
    },
    clocks=(Clock("promised", "top-outer", "hours(24)", Words("急难 24 小时", "Urgent: 24 hours")),),
    after="handling",
)
# What is paid at once has its papers completed within ten working days (items.yaml, timers of urgent_payment).
_STATUTORY = Clock(
    "statutory",
    "top-inner",
    "working_days(10, since=urgent_paid_on) if urgent_paid else working_days(20, since=accepted_on)",
    Words("法定 20 / 补齐手续 10 个工作日", "Statutory 20 working days, papers 10"),
)
_HANDLING = Scope(
    id="handling",
    words=Words("受理至决定", "From acceptance to decision"),
    steps=("means_check", "home_visit", "town_review", "publicity", "objection_check", "county_review", "decide"),
    start=Words("待核查", "To be checked"),
    first="means_check",
    ends={
        "handling_granted": Words("决定：准予", "Decision: granted"),
        "handling_paid": Words("决定：准予，已先行发放", "Decision: granted, paid before"),
        "handling_refused": Words("决定：不予", "Decision: refused"),
    },
    clocks=(_STATUTORY, Clock("promised", "top-outer")),
    after="handling_gateway",
)

RELIEF = Plan(
    key="temporary_relief",
    start=Words("收到申请", "Application received"),
    scopes=(_URGENT, _HANDLING),
    calls={"await_correction": "correction"},
    via={
        ("issue_acceptance", "urgent_decision"): "urgent",
        ("issue_acceptance", "means_check"): "handling",
        ("urgent_decision", "means_check"): "urgent_declined",
        ("urgent_payment", "means_check"): "urgent_settled",
        ("decide", "pay_out"): "handling_granted",
        ("decide", "publish"): "handling_paid",
        ("decide", "serve_refusal"): "handling_refused",
    },
    again={"handling_gateway": "decide"},
    variables={"urgent_paid": "urgent_voucher != None"},
    slots={"correction_limit": "right"},
    cells={
        "start": (0, 0),
        "apply": (1, 0),
        "formal_check": (2, 0),
        "formal_check_gateway": (3, 0),
        "end_not_accepted": (3, -0.5),
        "correction": (3, 1),
        "end_withdrawn": (4, 1),
        "issue_acceptance": (5, 0),
        "issue_acceptance_gateway": (6, 0),
        "urgent": (0, 0),
        "urgent_start": (0, 0),
        "urgent_decision": (1, 0),
        "urgent_decision_gateway": (2, 0),
        "urgent_declined": (2, 0.5),
        "urgent_payment": (3, 0),
        "urgent_settled": (4, 0),
        "handling": (0, 0),
        "handling_start": (0, 0),
        "means_check": (1, 0),
        "home_visit": (2, 0),
        "town_review": (3, 0),
        "town_review_gateway": (4, 0),
        "publicity": (5, 0),
        "publicity_gateway": (6, 0),
        "objection_check": (6, 1),
        "county_review": (8, 0),
        "county_review_gateway": (9, 0),
        "decide": (10, 0),
        "decide_gateway": (11, 0),
        "handling_granted": (12, 0),
        "handling_paid": (11, -0.5),
        "handling_refused": (11, 0.5),
        "handling_gateway": (0, 0),
        "pay_out": (1, 0),
        "publish": (2, 0),
        "end_granted": (3, 0),
        "serve_refusal": (1, 1),
        "end_refused": (2, 1),
    },
    phases={
        "urgent": 1,
        "handling": 2,
        **dict.fromkeys(("handling_gateway", "pay_out", "publish", "end_granted", "serve_refusal", "end_refused"), 3),
    },
)
