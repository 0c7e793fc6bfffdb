"""The penalty for occupying streets (行政处罚): filed by the organ itself, decided in ninety days, paid at a bank."""

from __future__ import annotations

from service.modelling.draft.planned import Clock, DrawnTimer, Plan, Scope
from service.modelling.draft.plans.collecting import COURT_IN_TIME, PERIODS_FOR_REMEDIES, UNPAID_IN_TIME
from service.modelling.draft.wording import Words

_HANDLING = Scope(
    id="handling",
    words=Words("立案至决定", "From filing to decision"),
    steps=(
        *("investigate", "section_review", "legal_review", "serve_prior_notice", "await_statement"),
        *("notify_hearing", "hold_hearing", "statement_review", "legal_review_hearing", "collective_discussion"),
        "decide",
    ),
    start=Words("已立案", "Filed"),
    first="investigate",
    ends={"handling_decided": Words("已作出决定", "Decided")},
    clocks=(
        Clock("statutory", "top-inner", None, Words("法定 90 日（自立案）", "Statutory: 90 days from filing")),
        Clock("promised", "top-outer", None, Words("承诺 60 日（自立案）", "Promised: 60 days from filing")),
    ),
    after="decide_gateway",
)

PENALTY = Plan(
    key="street_occupation_penalty",
    start=Words("发现线索", "Lead found"),
    scopes=(_HANDLING,),
    messages={
        "await_statement": "statement",
        "await_payment": "payment",
        "await_remedy_period": "payment",
        "await_after_urge": "payment",
        "await_court": "payment",
    },
    via={
        ("file_case", "investigate"): "handling",
        ("decide", "branches"): "handling_decided",
    },
    asked_after={"decide": "handling"},
    timers=(
        DrawnTimer(
            "investigate_sixty_days",
            "investigate",
            "reminder",
            "natural_days(60, since=accepted_on)",
            Words("立案满60日预警", "60 days since filing"),
            "top-left",
        ),
        # 行政诉讼法 Art. 46: six months from the service of the decision, a day that the service sets.
        PERIODS_FOR_REMEDIES,
        UNPAID_IN_TIME,
        # 行政处罚法 Art. 64: however often the party speaks, its time counts from the service of the notice.
        DrawnTimer(
            "await_statement_limit",
            "await_statement",
            "move",
            "working_days(5, since=notice_served_on)",
            Words("期满", "period over"),
            "bottom-right",
            "await_statement_gateway",
        ),
    ),
    # 行政强制法 Art. 53, 行政处罚法 Art. 72(2): three months from the end of the remedies, or of later payment.
    limits={"court_application": COURT_IN_TIME},
    slots={"await_after_urge_limit": "bottom-right"},
    cells={
        "start": (0, 0),
        "register_lead": (1, 0),
        "filing_decision": (2, 0),
        "filing_decision_gateway": (3, 0),
        "end_not_filed": (3, 1),
        "file_case": (4, 0),
        "handling": (0, 0),
        "handling_start": (0, 0),
        "investigate": (1, 0),
        "section_review": (3, 0),
        "section_review_gateway": (4, 0),
        "legal_review": (5, 0),
        "legal_review_gateway": (6, 0),
        "serve_prior_notice": (7, 0),
        "await_statement": (8, 0),
        "await_statement_gateway": (9, 0),
        "notify_hearing": (9, 2),
        "hold_hearing": (10, 2),
        "legal_review_hearing": (12, 2),
        "legal_review_hearing_gateway": (13, 2),
        "statement_review": (10, -1),
        "statement_review_gateway": (11, -1),
        "collective_discussion": (13, 1),
        "decide": (14, 0),
        "handling_decided": (15, 0),
        "decide_gateway": (0, 0),
        "end_transferred": (0, 1),
        "assess_fine": (1, 0),
        "serve_decision": (2, 0),
        "publish": (3, 0),
        "publish_gateway": (4, 0),
        "payment_notice": (5, 0),
        "await_payment": (6, 0),
        "surcharge": (6, 1),
        "await_remedy_period": (7, 1),
        "await_remedy_period_gateway": (8, 1),
        "urge": (8, 2),
        "await_after_urge": (9, 2),
        "await_after_urge_gateway": (10, 2),
        "court_application": (11, 2),
        "await_court": (12, 2),
        "close_case": (12, 0),
        "close_case_gateway": (13, 0),
        "end_closed": (14, 0),
        "end_no_penalty": (13, -0.5),
    },
    phases={
        "handling": 1,
        **dict.fromkeys(
            "decide_gateway end_transferred assess_fine serve_decision publish publish_gateway payment_notice "
            "await_payment surcharge await_remedy_period await_remedy_period_gateway urge await_after_urge "
            "await_after_urge_gateway court_application await_court close_case close_case_gateway end_closed "
            "end_no_penalty".split(),
            2,
        ),
    },
)
