"""停机补录: declared outages with what became of their receipts, and the forms that declare, lengthen and end them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.declare_outage import (
    DeclareOutage,
    acts_within,
    declare_outage,
    end_outage,
    lengthen_outage,
    may_object,
    object_to_outage,
)
from service.errors import Detail, Refused, not_found
from service.outages.span import CALLED_OFF, RUNNING, TO_COME
from service.people.permissions import may
from service.reads.office_changes import list_departments
from service.reads.outages import list_blocks, list_outages, public_receipt, read_bounds, read_outage
from service.web.context import context
from service.web.given import given_moment
from service.web.guards import SECRET_OF_ADDRESS
from service.web.pages import words
from service.web.pages.receipt_words import OUTAGE_CLASSES, OUTAGE_STATES, RECEIPT_CLASSES, RECEIPT_STATES
from service.web.pages.shell import act, ask, asked, back, pages, refusal_view, require
from service.web.pages.words import say
from service.web.request import client_address, now, require_second_factor

pages.add_app_template_filter(lambda state: words.word(OUTAGE_STATES, state), "outage_word")
pages.add_app_template_filter(lambda state: OUTAGE_CLASSES.get(state, ""), "outage_class")
pages.add_app_template_filter(lambda status: words.word(RECEIPT_STATES, status), "receipt_word")
pages.add_app_template_filter(lambda status: RECEIPT_CLASSES.get(status, ""), "receipt_class")


@pages.get("/outages")
def outages() -> str:
    """Every declared outage; the security administrator declares another."""
    return _list_page()


def _list_page(refusal: Refused | None = None) -> str:
    actor = require("read_outages")

    def read(connection: Connection) -> dict[str, Any]:
        return {
            "page": list_outages(connection, now(), asked()),
            "departments": list_departments(connection),
            "bounds": read_bounds(connection),
        }

    return render_template(
        "outages.html",
        **ask(read),
        may_declare=may(actor, "declare_outages"),
        given=request.form,
        chosen=request.form.getlist("departments"),
        present=now(),
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/outages")
def declare() -> Response | tuple[str, int]:
    """Declare an outage."""
    require("declare_outages")
    require_second_factor()
    try:
        command = DeclareOutage(
            request.form.getlist("departments")[:200],
            given_instant("starts_at"),
            given_instant("ends_at"),
            request.form.get("reason", ""),
        )
        made = act(lambda connection, web, actor: declare_outage(connection, web.services, actor, command, now()))
    except Refused as refusal:
        return _list_page(refusal), refusal.status
    return back(url_for("pages.one_outage", outage_id=made), say("停机已公告，监察员已收到通知"))


@pages.get("/outages/<number:outage_id>")
def one_outage(outage_id: int) -> str:
    """One with its acts, its blocks of receipts, and what may be done about it."""
    return _one_page(outage_id)


def _one_page(outage_id: int, refusal: Refused | None = None) -> str:
    actor = require("read_outages")

    def read(connection: Connection) -> dict[str, Any]:
        one = read_outage(connection, outage_id, now())
        return {
            "one": one,
            "acts_now": acts_within(connection, one.span, now()),
            "blocks": list_blocks(connection, actor, now(), outage_id=outage_id).items,
            "may_object": may_object(actor, one.span) and one.objected_at is None and one.state != CALLED_OFF,
        }

    shown = ask(read)
    open_still = shown["one"].state in (TO_COME, RUNNING) and shown["one"].ended_at is None
    return render_template(
        "outage.html",
        **shown,
        may_end=may(actor, "declare_outages") and open_still,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/outages/<number:outage_id>/<key:name>")
def change_outage(outage_id: int, name: str) -> Response | tuple[str, int]:
    """Lengthen it, end it, or object to it."""
    if name == "lengthen":
        require_second_factor()
    reason = request.form.get("reason", "")
    try:
        if name == "lengthen":
            ends_at = given_instant("ends_at")
            act(lambda c, web, who: lengthen_outage(c, web.services, who, outage_id, ends_at, reason, now()))
        elif name == "end":
            at = given_instant("at") if request.form.get("at", "").strip() else None
            act(lambda c, web, who: end_outage(c, web.services, who, outage_id, reason, now(), at=at))
        elif name == "object":
            act(lambda c, web, who: object_to_outage(c, web.services, who, outage_id, reason, now()))
        else:
            raise not_found("该操作", f"act {name} on an outage")
    except Refused as refusal:
        if refusal.code == "not_found":
            raise
        return _one_page(outage_id, refusal), refusal.status
    said = {"lengthen": say("停机已延长"), "end": say("已公告恢复"), "object": say("异议已提出")}
    return back(url_for("pages.one_outage", outage_id=outage_id), said[name])


def given_instant(name: str) -> datetime:
    """The instant of a form, in the county's zone, such as 2026-11-23 09:30. Raises Refused invalid_request."""
    try:
        found = given_moment(request.form.get(name, "").strip()[:16])
    except ValueError:
        words_ = "请填时间，如 2026-11-23 09:30", "Give a time such as 2026-11-23 09:30"
        raise Refused("invalid_request", *words_, [Detail("required", *words_, pointer=f"/{name}")]) from None
    return found.replace(tzinfo=context().services.settings.zone)


@pages.get("/public/paper-receipts/<code:number>")
def public_paper_receipt(number: str) -> tuple[str, int]:
    """Whether a paper receipt is genuine, and whether it was entered."""
    guards, key = context().guards, (SECRET_OF_ADDRESS, f"receipt/{client_address()}")
    guards.require(key)
    found = ask(lambda connection: public_receipt(connection, number))
    if found is None:
        guards.failed(key)
    return render_template("public_paper_receipt.html", found=found, number=number), 200 if found else 404
