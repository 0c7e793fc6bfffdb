"""超期原因 (麻雀解剖): where the time of overdue cases went, by department and case by case."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from sqlalchemy import Connection

from service.errors import Refused
from service.people.dissection import HANDS, Share, causes
from service.people.queries import department_names
from service.reads.attendance import Span, span_of
from service.reads.dissection import dissect_overdue
from service.reads.visibility import departments_of_alarms
from service.web.given import given_day
from service.web.pages import words
from service.web.pages.shell import argument, ask, calendar, pages
from service.web.pages.words import N_, say
from service.web.request import now, require_actor

HAND_WORDS = {"clerk": N_("经办"), "leader": N_("领导"), "applicant": N_("申请人"), "supervisor": N_("监察")}
_MINUTES_OF_HOUR = 60
pages.add_app_template_filter(lambda hands: words.word(HAND_WORDS, hands), "hands_word")


@pages.app_template_filter("share_words")
def share_words(share: Share) -> str:
    """How long, in hours of office time."""
    hours = share.minutes / _MINUTES_OF_HOUR
    return say("%(hours)s 小时", hours=f"{hours:.1f}")


def _span(connection: Connection) -> tuple[Span, bool]:
    """What the address asks for; a wrong date is answered by the last week, and told."""
    today = calendar(connection).local_date(now())
    try:
        first, last = (given_day(given) if (given := request.args.get(name)) else None for name in ("from", "to"))
        return span_of(first, last, today), False
    except (ValueError, Refused):
        return span_of(None, None, today), True


@pages.get("/overdue-causes")
def overdue_causes() -> str:
    """Cases that became overdue on the days of the address, the last week without."""
    actor = require_actor()
    if departments_of_alarms(actor) == frozenset():
        raise Refused("not_permitted", "您的岗位不能打开这一页", "Expected a leader or a supervisor")

    def read(connection: Connection) -> dict[str, Any]:
        span, wrong = _span(connection)
        found = dissect_overdue(connection, calendar(connection), actor, span, now(), argument("department"))
        names = department_names(connection)
        return {
            "span": span,
            "wrong": wrong,
            "rows": causes(found),
            "cases": found,
            "departments": {code: both[words.in_english()] for code, both in names.items()},
        }

    return render_template("overdue_causes.html", **ask(read), hands=HANDS)
