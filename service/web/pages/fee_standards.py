"""收费标准: versions with their sources for the office, the form that proposes one, and finance's word on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.decide_proposal import approve_proposal, refuse_proposal, withdraw_proposal
from service.commands.lay_down_fee_standard import (
    FEE_STANDARD,
    charged_item,
    imported_tables,
    may_approve_standard,
    may_propose_standard,
    proposed_standard,
    standard_subject,
)
from service.commands.propose import Propose, propose
from service.errors import Detail, Refused, not_found
from service.fees.decision_table import HIT_POLICIES
from service.fees.standard_reading import StandardError, read_standard
from service.fees.standards import FeeStandard
from service.people.actor import Actor
from service.reads.answer_words import words_of_item
from service.reads.fee_standards import (
    Preview,
    content_in_force,
    list_standards,
    preview_standard,
    tables_of,
    versions_of,
)
from service.reads.paging import Asked
from service.reads.proposals import ProposalView, list_proposals
from service.web.context import context
from service.web.given import given_day
from service.web.pages.fee_forms import content_from, fields_of, places
from service.web.pages.shell import act, ask, back, pages, refusal_view, require, today
from service.web.pages.words import say
from service.web.request import now, require_second_factor


@pages.get("/fee-standards")
def fee_standards() -> str:
    """Every fee of the county."""
    require("read_fee_standards")
    rows = ask(lambda connection: list_standards(connection, context().services))
    return render_template("fee_standards.html", rows=rows)


@pages.get("/fee-standards/<code:code>")
def fee_standard(code: str) -> str:
    """One fee: its versions, what is proposed, and the form for a new one."""
    return _page(code)


def _page(
    code: str,
    refusal: Refused | None = None,
    preview: Preview | None = None,
    proposed: FeeStandard | None = None,
    *,
    begin_with: dict[str, str] | None = None,
) -> str:
    actor = require("read_fee_standards")

    def read(connection: Connection) -> dict[str, Any]:
        item = charged_item(connection, context().services, code)
        subject = standard_subject(item.department, code)
        offered = list_proposals(connection, [FEE_STANDARD], subject=subject, asked=Asked(limit=20)).items
        return {
            "item": item,
            "words": words_of_item(connection, context().services, item),
            "versions": versions_of(connection, item, today(connection)),
            "proposals": [(one, _standard_of(code, one)) for one in offered],
            "begin_with": fields_of(content_in_force(connection, item, today(connection))),
        }

    found = ask(read)
    in_force = found.pop("begin_with")
    fields = request.form if "name_zh" in request.form else begin_with or in_force
    return render_template(
        "fee_standard.html",
        **found,
        fields=fields,
        places=places(fields),
        policies=HIT_POLICIES,
        may_propose=may_propose_standard(actor, found["item"].department),
        may_decide=may_approve_standard(actor),
        me=actor.person_id,
        preview=preview,
        proposed=proposed,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


def _standard_of(code: str, offered: ProposalView) -> FeeStandard | None:
    try:
        return read_standard(code, 0, date.fromisoformat(offered.content["effective_on"]), offered.content["standard"])
    except (StandardError, KeyError, ValueError):
        return None


@pages.post("/fee-standards/<code:code>")
def propose_standard(code: str) -> Response | tuple[str, int] | str:
    """Propose the version that the form says; with `preview` only show what it would do."""
    actor = require("propose_fee_standards")
    try:
        content, on = content_from(request.form), _day()
        if "preview" in request.form:
            return _previewed(actor, code, content, on)
        _propose(code, content, on)
    except Refused as refusal:
        if refusal.code == "not_found":
            raise
        return _page(code, refusal), refusal.status
    return back(url_for("pages.fee_standard", code=code), say("已提出，等待财政部门另一人审批"))


@pages.get("/fee-standards/<code:code>/versions/<number:version>.dmn")
def export_fee_tables(code: str, version: int) -> Response:
    """The tables of a version as a DMN file."""
    require("read_fee_standards")

    def read(connection: Connection) -> bytes | None:
        return tables_of(connection, charged_item(connection, context().services, code), version)

    xml = ask(read)
    if xml is None:
        raise not_found("可以导出的规则表", f"a version {version} of {code} with tables that DMN can say")
    name = f'attachment; filename="{code}-{version}.dmn"'
    return Response(xml, content_type="application/xml", headers={"Content-Disposition": name})


@pages.post("/fee-standards/<code:code>/tables")
def import_fee_tables(code: str) -> tuple[str, int] | str:
    """Fill the form with the tables of a DMN file in place of those in force; the other charges stay."""
    require("propose_fee_standards")
    file = request.files.get("file")
    try:
        tables = imported_tables(file.stream.read() if file is not None else b"")
    except Refused as refusal:
        return _page(code, refusal), refusal.status

    def read(connection: Connection) -> dict[str, Any]:
        item = charged_item(connection, context().services, code)
        return content_in_force(connection, item, today(connection))

    content = ask(read)
    others = [one for one in content.get("charges") or () if one.get("kind") != "table"]
    return _page(code, begin_with=fields_of({**content, "charges": [*tables, *others]}))


def _previewed(actor: Actor, code: str, content: dict[str, Any], on: date) -> str:
    def read(connection: Connection) -> tuple[FeeStandard, Preview]:
        services = context().services
        item = charged_item(connection, services, code)
        if not may_propose_standard(actor, item.department) and not may_approve_standard(actor):
            raise Refused("not_permitted", "您的岗位不能提出收费标准", "Expected a post that proposes standards")
        standard = proposed_standard(connection, services, code, on, content)
        return standard, preview_standard(connection, services, item, standard)

    standard, preview = ask(read)
    return _page(code, preview=preview, proposed=standard)


def _propose(code: str, content: dict[str, Any], on: date) -> None:
    kept = {"power_item": code, "effective_on": on.isoformat(), "standard": content}
    reason = request.form.get("reason", "")

    def do(connection: Connection, web: Any, actor: Actor) -> int:
        item = charged_item(connection, web.services, code)
        command = Propose(FEE_STANDARD, standard_subject(item.department, code), kept, reason)
        return propose(connection, web.services, actor, command, now())

    act(do)


def _day() -> date:
    try:
        return given_day(request.form.get("effective_on", ""))
    except ValueError:
        words = "请填生效日期，如 2026-11-23", "Give a date such as 2026-11-23"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/effective_on")]) from None


@pages.post("/fee-standards/<code:code>/proposals/<number:proposal_id>/<code:verb>")
def decide_standard(code: str, proposal_id: int, verb: str) -> Response | tuple[str, int]:
    """Approve, refuse or take back a proposal."""
    require("read_fee_standards")
    ground = request.form.get("ground", "")
    try:
        if verb == "withdraw":
            act(lambda connection, _web, actor: withdraw_proposal(connection, actor, proposal_id, now()))
            return back(url_for("pages.fee_standard", code=code), say("已撤回提议"))
        require_second_factor()
        if verb == "refuse":
            act(lambda connection, _web, actor: refuse_proposal(connection, actor, proposal_id, ground, now()))
            return back(url_for("pages.fee_standard", code=code), say("已退回提议"))
        act(lambda c, web, actor: approve_proposal(c, web.services, actor, proposal_id, now(), ground=ground))
    except Refused as refusal:
        if refusal.code in ("second_factor_required", "not_found"):
            raise
        return _page(code, refusal), refusal.status
    return back(url_for("pages.fee_standard", code=code), say("已批准，到生效日期起执行"))
