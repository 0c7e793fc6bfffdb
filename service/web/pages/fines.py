"""A leader's acts on a fine that is owed, and taking a published decision down, by forms of the case's page."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.fines import AllowLater, allow_later, decide_surcharge, write_off_fine
from service.commands.withdraw_publication import withdraw_publication
from service.errors import Detail, Refused
from service.fees.fines import Part
from service.people.actor import Actor
from service.web.context import WebContext
from service.web.given import given_day
from service.web.pages.case_acts import ActOnCase, require_known_case, take_one_of
from service.web.pages.fee_forms import MOST_PARTS, read_fen
from service.web.pages.shell import act_on_case, ask, back, pages
from service.web.pages.words import N_, say
from service.web.request import now


def _reason() -> str:
    return request.form.get("reason", "").strip()[:500]


def _parts() -> list[Part]:
    """The rows that are filled in. Raises Refused invalid_request for half a row, no day or no amount."""
    found = []
    for n in range(MOST_PARTS):
        day = request.form.get(f"due-{n}", "").strip()
        fen = read_fen(request.form.get(f"amount-{n}", ""), f"amount-{n}")
        if not day and fen is None:
            continue
        if fen is None:
            raise _incomplete(f"amount-{n}")
        try:
            found.append(Part(given_day(day), fen))
        except ValueError:
            raise _incomplete(f"due-{n}") from None
    return found


def _incomplete(field: str) -> Refused:
    words = "每期都须写明日期和金额", "Give a day and an amount for each part"
    return Refused("invalid_request", *words, [Detail("required", *words, pointer=f"/{field}")])


def _defer(connection: Connection, web: WebContext, actor: Actor, number: str) -> object:
    return allow_later(connection, web.services, actor, AllowLater(number, _parts(), _reason()), now())


def _surcharge(connection: Connection, web: WebContext, actor: Actor, number: str) -> object:
    return decide_surcharge(connection, web.services, actor, number, _reason(), now())


def _write_off(connection: Connection, web: WebContext, actor: Actor, number: str) -> object:
    return write_off_fine(connection, web.services, actor, number, _reason(), now())


# The act, and what the next page says.
_FORMS: Mapping[str, tuple[ActOnCase, str]] = {
    "defer": (_defer, N_("已准予延期或分期缴纳，决定书已生成")),
    "surcharge": (_surcharge, N_("已决定加处罚款，决定书和缴款通知书已生成")),
    "write_off": (_write_off, N_("已核销")),
}


@pages.post("/cases/<code:number>/fine/<key:name>")
def act_on_fine(number: str, name: str) -> Response:
    """Take one of the acts; a refusal is told on the page that one came from."""
    return take_one_of(_FORMS, number, name)


@pages.post("/cases/<code:number>/publication/withdraw")
def take_down(number: str) -> Response:
    """Take a published decision down that no longer stands (行政处罚法 Art. 48)."""
    ask(lambda connection: require_known_case(connection, number))
    because = request.form.get("because", "")

    def command(connection: Connection, web: WebContext, actor: Actor) -> None:
        withdraw_publication(connection, web.services, actor, number, because, now())

    act_on_case(command, number=number)
    return back(url_for("pages.case", number=number), say("已撤回公示"))
