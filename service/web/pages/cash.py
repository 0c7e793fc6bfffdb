"""当场收缴的罚款: what an officer has to hand over, what the cashier counts and pays in, what is at the bank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.cash import offer_cash, receive_cash, remit_cash
from service.errors import Detail, Refused, not_found
from service.notices.outbox import Wanted
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.cash import list_cash, next_ticket_of
from service.web.context import WebContext, context
from service.web.pages import ticket_words as ticket_words
from service.web.pages.case_acts import ActOnCase, require_known_case
from service.web.pages.fee_forms import read_fen
from service.web.pages.shell import act_on_case, argument, ask, asked, back, pages, refusal_view, require
from service.web.pages.words import N_, say
from service.web.request import now


@pages.get("/cash")
def cash() -> str:
    """Fines taken on the spot: an officer's own, a department's for its cashier and heads."""
    return _list_page()


def _list_page(refused_at: str = "", refusal: Refused | None = None) -> str:
    actor = require("read_ticket_books")
    banked = argument("view", ("banked",)) is not None

    def read(connection: Connection) -> dict[str, Any]:
        uses = may(actor, "use_ticket_books")
        return {
            "page": list_cash(connection, actor, asked(), in_hand=not banked),
            "uses": uses,
            "next": next_ticket_of(connection, actor) if uses else None,
        }

    return render_template(
        "cash.html",
        **ask(read),
        banked=banked,
        me=actor.name,
        receives=lambda department: may(actor, "receive_cash", department),
        given=request.form,
        refused_at=refused_at,
        problem=refusal_view(refusal) if refusal else None,
    )


def _offer(connection: Connection, web: WebContext, actor: Actor, number: str) -> object:
    return offer_cash(connection, web.services, actor, number, now())


def _receive(connection: Connection, web: WebContext, actor: Actor, number: str) -> object:
    counted = read_fen(request.form.get("amount", ""), "amount")
    if counted is None:
        words = "请填清点金额", "Give the amount that was counted"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/amount")])
    return receive_cash(connection, web.services, actor, number, counted, now())


def _remit(connection: Connection, web: WebContext, actor: Actor, number: str) -> object:
    return remit_cash(connection, web.services, actor, number, now())


_ACTS: Mapping[str, tuple[ActOnCase, str]] = {
    "offer": (_offer, N_("已提交交款，请到财务当面清点")),
    "receive": (_receive, N_("已确认收到，请在两个工作日内缴付银行")),
    "remit": (_remit, N_("缴款码已开具")),
}


@pages.post("/cash/<code:number>/<key:name>")
def act_on_cash(number: str, name: str) -> Response | tuple[str, int]:
    """Hand it over, confirm that it was counted, or get the code by which it is paid in."""
    require("read_ticket_books")
    ask(lambda connection: require_known_case(connection, number))
    if name not in _ACTS:
        raise not_found("该操作", f"act {name} on cash")
    command, said = _ACTS[name]
    try:
        act_on_case(lambda connection, web, actor: command(connection, web, actor, number), number=number)
    except Refused as refusal:
        if refusal.code in ("not_found", "second_factor_required"):
            raise
        return _list_page(number, refusal), refusal.status
    if name == "remit":
        context().drain(now(), Wanted(frozenset({"bank_notice"}), number))
    return back(url_for("pages.cash"), say(said))
