"""Who reads a case beside those who may anyway: by a copy to read (抄送), or as a leader lets them (授权阅件)."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from service.commands.let_read import LetRead, end_reading, let_read
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.case_page import CasePage
from service.reads.copies import copies_of_case, readers_of_case
from service.web.given import given_day
from service.web.pages.shell import act_on_case, back, pages
from service.web.pages.words import say
from service.web.request import now


def parts_of_readers(connection: Connection, page: CasePage, view: Any, actor: Actor) -> dict[str, Any]:
    """What the case page shows of them; of a supervision order nothing."""
    if view.kind != "item":
        return {"copies": (), "readers": (), "may_let_read": False}
    case_id = page.found.row.id
    return {
        "copies": copies_of_case(connection, case_id),
        "readers": readers_of_case(connection, case_id, now()),
        "may_let_read": may(actor, "let_read_cases", view.department),
    }


@pages.post("/cases/<code:number>/readers")
def case_reader(number: str) -> AnyResponse:
    """A leader lets somebody read the case until a day."""
    try:
        until = given_day(request.form.get("until", ""))
    except ValueError:
        words_ = "请填日期，如 2026-11-23", "Give a date such as 2026-11-23"
        raise Refused("invalid_request", *words_, [Detail("required", *words_, pointer="/until")]) from None
    command = LetRead(number, request.form.get("username", "")[:64], until, request.form.get("reason", "")[:500])
    act_on_case(lambda c, web, actor: let_read(c, web.services, actor, command, now()), number=number)
    return back(url_for("pages.case", number=number), say("已授权阅件"))


@pages.post("/cases/<code:number>/readers/<number:reader_id>/end")
def case_reader_end(number: str, reader_id: int) -> AnyResponse:
    """The right is taken back."""
    act_on_case(lambda c, web, actor: end_reading(c, web.services, actor, number, reader_id, now()), number=number)
    return back(url_for("pages.case", number=number), say("已收回阅件授权"))
