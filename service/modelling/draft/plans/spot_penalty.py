"""The penalty on the spot (简易程序): paid at a bank, or taken there and paid in by two steps."""

from __future__ import annotations

from service.modelling.draft.planned import DrawnTimer, Plan
from service.modelling.draft.wording import Words

_LATER = (
    "publish_gateway collect_fine collect_fine_gateway issue_ticket await_hand_over await_remittance payment_notice "
    "await_payment surcharge await_late_payment close_case end_closed"
)

SPOT_PENALTY = Plan(
    key="spot_penalty",
    start=Words("发现违法行为", "Violation found"),
    messages={
        "await_hand_over": "cash_received",
        "await_remittance": "payment",
        "await_payment": "payment",
        "await_late_payment": "payment",
    },
    timers=(
        # 行政处罚法 Art. 66: what a leader has allowed later is waited for until its next part.
        DrawnTimer(
            "await_payment_limit",
            "await_payment",
            "move",
            "natural_days(0, since=pay_by) if pay_by else natural_days(15, since=served_on)",
            Words("十五日届满未缴", "15 natural days passed unpaid"),
            "bottom-right",
            "surcharge",
        ),
    ),
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
        "close_case": (6, 0),
        "end_closed": (7, 0),
        "payment_notice": (2, 1),
        "await_payment": (3, 1),
        "surcharge": (4, 2),
        "await_late_payment": (5, 2),
    },
    phases=dict.fromkeys(_LATER.split(), 1),
)
