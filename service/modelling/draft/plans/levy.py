"""The levy for digging up roads (城市道路挖掘修复费): paid before the permit is printed, closed after the repair."""

from __future__ import annotations

from service.modelling.draft.planned import Clock, DrawnTimer, Plan, Scope
from service.modelling.draft.wording import Words

_HANDLING = Scope(
    id="handling",
    words=Words("受理至决定", "From acceptance to decision"),
    steps=("site_survey", "assess_fee", "section_review", "reduction_review", "decide"),
    start=Words("已受理", "Accepted"),
    first="site_survey",
    ends={
        "handling_granted": Words("决定：准予", "Decision: granted"),
        "handling_refused": Words("决定：不予", "Decision: refused"),
    },
    clocks=(Clock("statutory", "top-inner"), Clock("promised", "top-outer")),
    after="handling_gateway",
)
# Three working days after the permitted time; where the repair was found wanting, ten after that check.
_COMPLETION = "working_days(10, since=checked_on) if restored == 'no' else working_days(3, since=dig_until)"

LEVY = Plan(
    key="road_excavation_levy",
    start=Words("收到申请", "Application received"),
    scopes=(_HANDLING,),
    calls={
        "await_correction": "correction",
        "deliver": "delivery",
    },
    messages={"await_payment": "payment", "await_after_urge": "payment", "await_completion": "completion"},
    via={
        ("issue_acceptance", "site_survey"): "handling",
        ("decide", "publish"): "handling_granted",
        ("decide", "serve_refusal"): "handling_refused",
    },
    again={"handling_gateway": "decide"},
    timers=(
        DrawnTimer(
            "await_completion_limit",
            "await_completion",
            "move",
            _COMPLETION,
            Words("许可期满", "Permitted time over"),
            "bottom-left",
            "restoration_check",
        ),
    ),
    slots={
        "correction_limit": "right",
        "formal_check_limit": "top-left",
        "await_payment_limit": "bottom-right",
        "await_after_urge_limit": "bottom-right",
    },
    deemed=True,
    cells={
        "start": (0, 0),
        "apply": (1, 0),
        "formal_check": (2, 0),
        "formal_check_gateway": (3, 0),
        "end_not_accepted": (3, -0.5),
        "correction": (3, 1),
        "deem_acceptance": (5, -1),
        "issue_acceptance": (5, 0),
        "handling": (0, 0),
        "handling_start": (0, 0),
        "site_survey": (1, 0),
        "assess_fee": (3, 0),
        "section_review": (5, 0),
        "section_review_gateway": (6, 0),
        "reduction_review": (6, 1),
        "decide": (8, 0),
        "decide_gateway": (9, 0),
        "handling_granted": (10, 0),
        "handling_refused": (9, 0.5),
        "handling_gateway": (0, 0),
        "publish": (1, 0),
        "publish_gateway": (2, 0),
        "payment_notice": (3, 0),
        "await_payment": (4, 0),
        "print_certificate": (6, 0),
        "delivery": (7, 0),
        "await_completion": (8, 0),
        "restoration_check": (10, 0),
        "restoration_check_gateway": (11, 0),
        "restoration_check_ruling": (10, 1),
        "restoration_check_ruling_gateway": (11, 1),
        "end_granted": (12, 0),
        "urge": (4, 1),
        "await_after_urge": (5, 1),
        "await_after_urge_gateway": (6, 1),
        "end_withdrawn": (4, 1),
        "serve_refusal": (1, 1),
        "end_refused": (2, 1),
    },
    phases={
        "handling": 1,
        **dict.fromkeys(
            "handling_gateway publish publish_gateway payment_notice await_payment print_certificate "
            "delivery await_completion "
            "restoration_check restoration_check_gateway restoration_check_ruling restoration_check_ruling_gateway "
            "end_granted urge await_after_urge await_after_urge_gateway serve_refusal end_refused".split(),
            2,
        ),
    },
)
