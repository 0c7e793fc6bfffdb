"""Copies to read: one's own list; opening one marks it as read."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.copy_to_read import read_copy
from service.commands.sign_for_many import read_each, require_bulk_act
from service.reads.copies import STATES, list_copies
from service.web.context import context
from service.web.given import whole_numbers
from service.web.pages.shell import act, argument, ask, asked, back, pages
from service.web.pages.words import N_, say
from service.web.request import now, require_actor

_STATE_WORDS = {"unread": N_("待阅"), "read": N_("已阅")}


@pages.get("/copies")
def copies() -> str:
    """What was sent to this person to read."""
    actor, state = require_actor(), argument("state", STATES) or "unread"

    def read(connection: Connection) -> dict[str, Any]:
        return {"page": list_copies(connection, actor, state, asked())}

    tabs = [(key, say(word)) for key, word in _STATE_WORDS.items()]
    return render_template("copies.html", **ask(read), state=state, tabs=tabs)


@pages.post("/copies/read")
def confirm_copies() -> Response | str:
    """Confirm the receipt of those that are ticked."""
    require_bulk_act(request.form.get("act", "read"))
    ids = whole_numbers(request.form.getlist("copy"))
    if not ids:
        return back(url_for("pages.copies"), say("没有勾选办件"), "alert")
    signed = read_each(context().engine, require_actor(), ids, now())
    refused = sum(one.refusal is not None for one in signed)
    counted = {"done": len(signed) - refused, "refused": refused}
    return render_template("signed_for.html", signed=signed, **counted, back_to=url_for("pages.copies"))


@pages.post("/copies/<number:copy_id>/read")
def open_copy(copy_id: int) -> Response:
    """Mark it as read, and go to the case."""
    number = act(lambda connection, _web, actor: read_copy(connection, actor, copy_id, now()))
    return redirect(url_for("pages.case", number=number), 303)
