"""What plans of penalties share: until when a fine is waited for, urged and brought to the court."""

from __future__ import annotations

from typing import Final

from service.modelling.draft.planned import DrawnTimer
from service.modelling.draft.wording import Words

PERIODS_FOR_REMEDIES: Final = DrawnTimer(
    "await_remedy_period_limit",
    "await_remedy_period",
    "move",
    "natural_days(0, since=pay_by if pay_by and pay_by > remedies_until else remedies_until)",
    Words("复议诉讼期满", "Periods for remedies over"),
    "bottom-right",
    "await_remedy_period_gateway",
)
# 行政处罚法 Art. 66: what a leader has allowed later is waited for until its next part.
UNPAID_IN_TIME: Final = DrawnTimer(
    "await_payment_limit",
    "await_payment",
    "move",
    "natural_days(0, since=pay_by) if pay_by else natural_days(15, since=served_on)",
    Words("十五日届满未缴", "15 natural days passed unpaid"),
    "bottom-right",
    "surcharge",
)
# 行政强制法 Art. 53, 行政处罚法 Art. 72: three months after the periods for remedies, or after a plan of payment.
COURT_IN_TIME: Final = (
    "natural_days(90, since=plan_ends_on if plan_ends_on and plan_ends_on > remedies_until else remedies_until)"
)
