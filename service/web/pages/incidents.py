"""Incidents for the administrators: what the machine failed at, and the button that tries again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.settle_incident import SettleIncident, settle_incident
from service.errors import Refused
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.incidents import IncidentView, list_incidents
from service.web.context import context
from service.web.pages import words
from service.web.pages.shell import act, argument, ask, asked, back, pages, refusal_view, require
from service.web.pages.words import say
from service.web.request import now

_LONGEST_REASON = 500
_STATES = ("open", "settled")


@pages.get("/incidents")
def incidents() -> str:
    """Open incidents, or those that are settled."""
    return _incidents_page()


def _incidents_page(refusal: Refused | None = None, refused_id: int = 0) -> str:
    actor = require("read_incidents")
    status = argument("status", _STATES) or "open"

    def read(connection: Connection) -> dict[str, Any]:
        names = department_names(connection)
        return {
            "page": list_incidents(connection, status, asked()),
            "departments": {code: name[words.in_english()] for code, name in names.items()},
        }

    return render_template(
        "incidents.html",
        **ask(read),
        status=status,
        ages=age,
        what=_what,
        may_settle=may(actor, "settle_incidents"),
        refused_id=refused_id,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


def _what(one: IncidentView) -> str:
    if one.during == "timer":
        return say("到时事项没有执行成功")
    return say("提交没有办成，环节未变")


def age(since: datetime) -> str:
    """How long ago, in the unit that says enough: minutes, hours, days."""
    passed = max(now() - since, timedelta())
    if passed < timedelta(minutes=1):
        return say("刚才")
    if passed < timedelta(hours=1):
        return say("%(count)s 分钟前", count=passed // timedelta(minutes=1))
    if passed < timedelta(days=2):
        return say("%(count)s 小时前", count=passed // timedelta(hours=1))
    return say("%(count)s 天前", count=passed.days)


@pages.post("/incidents/<number:incident_id>/settle")
def settle(incident_id: int) -> Response | tuple[str, int]:
    """Settle one; what it held up is tried again."""
    require("settle_incidents")
    reason = request.form.get("reason", "").strip()[:_LONGEST_REASON]
    command = SettleIncident(incident_id, reason)
    try:
        timers = act(lambda connection, _web, actor: settle_incident(connection, actor, command, now()))
    except Refused as refusal:
        return _incidents_page(refusal, incident_id), refusal.status
    stepping = context().stepping
    if stepping is not None:
        stepping.look()
    said = say("已处理，%(count)s 个计时正在重试", count=timers) if timers else say("已处理")
    return back(url_for("pages.incidents"), said)
