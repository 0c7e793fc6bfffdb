"""停机收件凭证: blocks of numbered receipts are printed, looked at number by number, and unused ones voided."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.paper_receipts import (
    PrintReceipts,
    VoidReceipts,
    note_sheets,
    print_receipts,
    void_receipts,
)
from service.errors import Refused
from service.outages.receipts import MOST_IN_BLOCK
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.outages import list_blocks, read_block, times_printed
from service.reads.visibility import may_read_case
from service.web.context import context
from service.web.given import whole_number
from service.web.pages import words
from service.web.pages.shell import act, ask, asked, back, pages, refusal_view, require
from service.web.pages.words import say
from service.web.receipt_sheets import sheets_of
from service.web.request import now

_USUAL_COUNT = 20


@pages.get("/paper-receipts")
def paper_receipts() -> str:
    """The blocks of one's departments; the office prints another."""
    return _list_page()


def _list_page(refusal: Refused | None = None) -> str:
    actor = require("read_outages")

    def read(connection: Connection) -> dict[str, Any]:
        names = department_names(connection)
        places = [(code, names[code][words.in_english()]) for code in _printing_for(actor) if code in names]
        return {"page": list_blocks(connection, actor, now(), asked=asked()), "places": places}

    return render_template(
        "paper_receipts.html",
        **ask(read),
        most=MOST_IN_BLOCK,
        usual=_USUAL_COUNT,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


def _printing_for(actor: Actor) -> list[str]:
    departments = {h.department for h in actor.holdings if h.principal_id is None}
    return sorted(code for code in departments if may(actor, "print_paper_receipts", code))


@pages.post("/paper-receipts")
def print_block() -> Response | tuple[str, int]:
    """New numbers."""
    require("print_paper_receipts")
    command = PrintReceipts(
        request.form.get("department", "")[:16], _whole("count"), request.form.get("place", ""), _reason()
    )
    try:
        made = act(lambda connection, web, actor: print_receipts(connection, web.services, actor, command, now()))
    except Refused as refusal:
        return _list_page(refusal), refusal.status
    return back(url_for("pages.paper_block", block_id=made), say("号码已登记，请打印"))


@pages.get("/paper-receipts/<number:block_id>")
def paper_block(block_id: int) -> str:
    """A block with every number."""
    return _one_page(block_id)


def _one_page(block_id: int, refusal: Refused | None = None) -> str:
    actor = require("read_outages")
    block, printed = ask(
        lambda connection: (read_block(connection, actor, block_id, now()), times_printed(connection, block_id))
    )
    left = block.receipts.blank + block.receipts.missing
    return render_template(
        "paper_block.html",
        block=block,
        left=left,
        printed=printed,
        reads_cases=may_read_case(actor, block.department),
        may_print=left and may(actor, "print_paper_receipts", block.department),
        may_void=left and not block.running and may(actor, "void_paper_receipts", block.department),
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/paper-receipts/<number:block_id>/paper")
def paper_sheets(block_id: int) -> FlaskResponse | tuple[str, int]:
    """The sheets to print; again with the reason alone."""
    actor = require("print_paper_receipts")
    block = ask(lambda connection: read_block(connection, actor, block_id, now()))
    content = sheets_of(block, context().services.settings.public_url, words.locale_code())
    try:
        act(lambda connection, _web, who: note_sheets(connection, who, block_id, _reason(), now()))
    except Refused as refusal:
        return _one_page(block_id, refusal), refusal.status
    response = FlaskResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="receipts-{block.id}.pdf"'
    return response


@pages.post("/paper-receipts/<number:block_id>/void")
def void_block(block_id: int) -> Response | tuple[str, int]:
    """These numbers came back unused."""
    actor = require("void_paper_receipts")
    ask(lambda connection: read_block(connection, actor, block_id, now()))
    command = VoidReceipts(block_id, _whole("first"), _whole("last"), _reason())
    try:
        count = act(lambda connection, _web, who: void_receipts(connection, who, command, now()))
    except Refused as refusal:
        return _one_page(block_id, refusal), refusal.status
    return back(url_for("pages.paper_block", block_id=block_id), say("已作废 %(count)s 份", count=count))


def _whole(name: str) -> int:
    found = whole_number(request.form.get(name, ""))
    return found if found is not None and found < 10**9 else 0


def _reason() -> str:
    return request.form.get("reason", "")
