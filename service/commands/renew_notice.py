"""A payment notice whose term is over gives way to a new one over what is still owed: the code alone is new."""

from __future__ import annotations

from typing import Any

from service.commands import documents, fees
from service.commands.act import CaseAct
from service.fees.fines import PAY_DAYS


def renew_notice(act: CaseAct, standing: Any) -> int | None:
    """The old notice is void, at the bank too; the new one's id, or None where nothing is owed. The run is loaded."""
    fees.withdraw_notice(act, standing, replaced=True)
    return ask_again(act, standing)


def ask_again(act: CaseAct, former: Any) -> int | None:
    """A notice over all that is owed under none, for as long as the former one; its id. A fine stays late."""
    days = (former.due_at - former.made_at).days
    if act.item is not None and act.item.fines:
        days = min(days, PAY_DAYS)
    named = fees.Named(former.item_code, former.name_zh, list(former.lines))
    notice_id = fees.issue_notice(act, named, [], None, days)
    if notice_id is not None:
        documents.make_for_step(act, "payment_notice")
    return notice_id
