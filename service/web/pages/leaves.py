"""请假: who is away, and the form that enters it for oneself or for somebody of the department."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.leave import EnterLeave, end_leave, enter_leave
from service.errors import Detail, Refused
from service.people.permissions import may
from service.reads.leaves import list_leaves
from service.reads.paging import MOST_ROWS, Asked
from service.reads.people import list_people
from service.web.context import context
from service.web.given import given_day, whole_number
from service.web.pages.shell import act, ask, asked, back, pages, refusal_view
from service.web.pages.words import say
from service.web.request import now, require_actor


@pages.get("/leaves")
def leaves() -> str:
    """One's own leave and that of those for whom one may enter it."""
    return _page()


def _page(refusal: Refused | None = None) -> str:
    actor = require_actor()
    county = may(actor, "grant_posts")

    def read(connection: Connection) -> dict[str, Any]:
        people = list_people(connection, None, None if county else actor.department, Asked(limit=MOST_ROWS))
        return {
            "page": list_leaves(connection, actor, now(), asked()),
            "colleagues": [one for one in people.items if one.active],
        }

    return render_template(
        "leaves.html",
        **ask(read),
        for_others=may(actor, "enter_leave"),
        me=actor.person_id,
        given=request.form,
        today=now().astimezone(context().services.settings.zone).date().isoformat(),
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/leaves")
def add_leave() -> Response | tuple[str, int]:
    """Enter a leave."""
    actor = require_actor()
    try:
        command = EnterLeave(
            _person("person") or actor.person_id,
            _day("starts_on"),
            _day("ends_on"),
            request.form.get("reason", ""),
            _person("stand_in"),
        )
        act(lambda connection, web, person: enter_leave(connection, web.services, person, command, now()))
    except Refused as refusal:
        return _page(refusal), refusal.status
    _look()
    return back(url_for("pages.leaves"), say("请假已登记，手上的环节将转给代办人或者退回待领取"))


@pages.post("/leaves/<number:leave_id>/end")
def come_back(leave_id: int) -> Response:
    """Back early, or not going."""
    act(lambda connection, _web, actor: end_leave(connection, actor, leave_id, now()))
    return back(url_for("pages.leaves"), say("已销假"))


def _look() -> None:
    if (stepping := context().stepping) is not None:
        stepping.look()


def _person(name: str) -> int | None:
    return whole_number(request.form.get(name, ""))


def _day(name: str) -> date:
    try:
        return given_day(request.form.get(name, ""))
    except ValueError:
        words = "请填日期，如 2026-11-23", "Give a date such as 2026-11-23"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer=f"/{name}")]) from None
