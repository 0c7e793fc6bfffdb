"""States of outages and of their paper receipts, and the entry from one, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.outages.span import CALLED_OFF, ENTERING, OVER, RUNNING, TO_COME
from service.web.context import context
from service.web.pages import timing, words
from service.web.pages.words import say

OUTAGE_STATES = {
    TO_COME: words.N_("未开始"),
    RUNNING: words.N_("停机中"),
    ENTERING: words.N_("补录中"),
    OVER: words.N_("已结束"),
    CALLED_OFF: words.N_("已取消"),
}
OUTAGE_CLASSES = {RUNNING: "red", ENTERING: "now"}
RECEIPT_STATES = {
    "blank": words.N_("未用"),
    "entered": words.N_("已补录"),
    "void": words.N_("已作废"),
    "missing": words.N_("未交代"),
}
RECEIPT_CLASSES = {"entered": "done", "missing": "red"}


def received_on_paper(given: Mapping[str, Any]) -> str:
    """The line of a case's history that tells of its paper receipt."""
    at = datetime.fromisoformat(given["received_at"]) if given.get("received_at") else None
    told = {"number": given.get("receipt", "—"), "at": timing.instant(at, context().services.settings.zone)}
    if given.get("in_time"):
        return say("停机补录：%(at)s 凭收件凭证 %(number)s 收件", **told)
    return say("逾期的停机补录：%(at)s 凭收件凭证 %(number)s 收件", **told)
