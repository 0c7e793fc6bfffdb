"""The penalty on the spot (简易程序): paid at a bank, or taken there and paid in by two steps, then urged."""

from __future__ import annotations

from service.modelling.draft.planned import Plan
from service.modelling.draft.plans.collecting import COURT_IN_TIME, PERIODS_FOR_REMEDIES, UNPAID_IN_TIME
from service.modelling.draft.wording import Words

_LATER = (
    "publish_gateway collect_fine collect_fine_gateway issue_ticket await_hand_over await_remittance payment_notice "
    "await_payment surcharge await_remedy_period await_remedy_period_gateway urge await_after_urge "
    "await_after_urge_gateway court_application await_court close_case end_closed"
)

SPOT_PENALTY = Plan(
    key="spot_penalty",
    start=Words("发现违法行为", "Violation found"),
    messages={
        "await_hand_over": "cash_received",
        "await_remittance": "payment",
        "await_payment": "payment",
        "await_remedy_period": "payment",
        "await_after_urge": "payment",
        "await_court": "payment",
    },
    timers=(
        PERIODS_FOR_REMEDIES,
        UNPAID_IN_TIME,
    ),
    limits={"court_application": COURT_IN_TIME},
    slots={"await_after_urge_limit": "bottom-right"},
    cells={
        "start": (0, 0),
        "spot_check": (1, 0),
        "spot_decide": (2, 0),
        "spot_decide_gateway": (3, 0),
        "end_transferred": (3, -1),
        "end_no_penalty": (4, -1),
        "assess_fine": (4, 0),
        "serve_decision": (5, 0),
        "report_for_filing": (6, 0),
        "publish": (7, 0),
        "publish_gateway": (0, 0),
        "collect_fine": (1, 0),
        "collect_fine_gateway": (2, 0),
        "issue_ticket": (3, 0),
        "await_hand_over": (4, 0),
        "await_remittance": (5, 0),
        "close_case": (10, 0),
        "end_closed": (11, 0),
        "payment_notice": (2, 1),
        "await_payment": (3, 1),
        "surcharge": (4, 2),
        "await_remedy_period": (5, 2),
        "await_remedy_period_gateway": (6, 2),
        "urge": (6, 3),
        "await_after_urge": (7, 3),
        "await_after_urge_gateway": (8, 3),
        "court_application": (9, 3),
        "await_court": (10, 3),
    },
    phases=dict.fromkeys(_LATER.split(), 1),
)
