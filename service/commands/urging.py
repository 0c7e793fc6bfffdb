"""Before a paper urges somebody to pay, the codes on it are made to last as long as it gives.

The bank takes nothing under a code whose day is over, and a notice's first term ends before the urging does. Such a
notice gives way to a new one over what is still owed under it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from service.commands import fees
from service.database.tables import payment_notice
from service.fees.ledger import Account

if TYPE_CHECKING:
    from service.commands.act import CaseAct

# The papers say ten working days; the wait that begins with a fee's paper lasts as long in the diagram.
URGED_WORKING_DAYS: Final = 10
# A fine's letter counts its ten days from whenever it is served; the court is asked within three months of the end of
# the periods for remedies (行政强制法 Art. 53), and until then the fine can be paid with the letter's codes.
COURT_ASKED_WITHIN_DAYS: Final = 90
_UNPAID = (
    select(payment_notice)
    .where(payment_notice.c.case_id == bindparam("case_id"), payment_notice.c.status == "unpaid")
    .order_by(payment_notice.c.id)
)


def last_day_to_pay(act: CaseAct) -> date:
    """Until when who is urged now can pay with the codes on the paper."""
    if act.item is not None and act.item.penalises:
        return act.today + timedelta(days=COURT_ASKED_WITHIN_DAYS)
    return act.calendar.local_date(
        act.calendar.add_working_days(act.now, URGED_WORKING_DAYS) - timedelta(microseconds=1)
    )


def renew_codes(act: CaseAct, last: date) -> bool:
    """Whether a notice had to give way to a new one, since its code would have ended before the day `last` does."""
    ends = act.calendar.add_natural_days(last, 0)
    rows = act.connection.execute(_UNPAID, {"case_id": act.row.case_id}).all()
    ending = [one for one in rows if one.due_at is not None and one.due_at < ends and _owed(act, one.pay_code)]
    for one in ending:
        fees.withdraw_notice(act, one, replaced=True)
        named = fees.Named(one.item_code, one.name_zh, list(one.lines))
        fees.issue_notice(act, named, [], None, 0, since=last)
    return bool(ending)


def _owed(act: CaseAct, code: str) -> bool:
    return act.books.balance(Account.NOTIFIED, code) > 0
