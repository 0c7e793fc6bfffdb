"""Fee standards: versions with their legal sources, what a new one would do, and its proposal to another person."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields
from sqlalchemy import Connection

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
from service.errors import Refused, not_found
from service.reads.case_values import county_today
from service.reads.fee_standards import list_standards, preview_standard, tables_of, versions_of
from service.reads.proposals import read_proposal
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Day, GivenDay, Instant, Named, Text, View
from service.web.api.proposals import ProposalSchema

endpoints = Endpoints("fee standards")
DMN_TYPE = "application/xml"


class StandardInList(View):
    power_item = fields.String()
    name = Named()
    department = fields.String()
    fee_name = fields.String()
    version = fields.Integer(allow_none=True)
    legal_source = fields.String(allow_none=True)
    next_version = fields.Integer(allow_none=True)
    next_effective_on = Day(allow_none=True)


class StandardList(View):
    items = fields.List(fields.Nested(StandardInList))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class StandardVersionView(View):
    version = fields.Integer()
    effective_on = Day()
    standing = fields.String()
    standard = fields.Dict(attribute="content")
    reason = fields.String()
    laid_down_at = Instant()
    proposed_by = fields.String(allow_none=True)
    approved_by = fields.String(allow_none=True)


class StandardVersions(View):
    power_item = fields.String()
    items = fields.List(fields.Nested(StandardVersionView))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class StandardPreviewCase(View):
    number = fields.String()
    accepted_on = Day(allow_none=True)
    now_fen = fields.Integer()
    then_fen = fields.Integer()
    keeps = fields.Boolean()


class StandardPreview(View):
    open_total = fields.Integer()
    open_cases = fields.List(fields.Nested(StandardPreviewCase))
    earlier = fields.List(fields.Nested(StandardPreviewCase))
    change_fen = fields.Integer()


class Previewed(Body):
    effective_on = GivenDay(required=True)
    standard = fields.Dict(required=True)


class ReadTables(View):
    charges = fields.List(fields.Dict())


class NewStandard(Previewed):
    reason = Text(500, required=True)


@endpoints.get("/fee-standards", answer=StandardList(), permission="read_fee_standards")
def find_standards(call: Call, connection: Connection) -> Answer:
    """Every fee of the county with the version in force and the one to come."""
    found = list_standards(connection, call.web.services)
    return Answer({"items": found, "total": len(found), "next": None})


@endpoints.get(
    "/fee-standards/<code:code>", answer=StandardVersions(), permission="read_fee_standards", codes=("not_found",)
)
def read_versions(call: Call, connection: Connection, code: str) -> Answer:
    """The versions of a standard, the newest first."""
    item = charged_item(connection, call.web.services, code)
    found = versions_of(connection, item, county_today(connection, call.web.services))
    return Answer({"power_item": code, "items": found, "total": len(found), "next": None})


@endpoints.get(
    "/fee-standards/<code:code>/versions/<number:version>.dmn",
    answer=None,
    permission="read_fee_standards",
    codes=("not_found",),
    produces=DMN_TYPE,
)
def export_tables(call: Call, connection: Connection, code: str, version: int) -> Answer:
    """The decision tables of a version as DMN 1.3 (version 0: the item's own rule); amounts in fen."""
    item = charged_item(connection, call.web.services, code)
    xml = tables_of(connection, item, version)
    if xml is None:
        raise not_found("可以导出的规则表", f"a version {version} of {code} with tables that DMN can say")
    name = f'attachment; filename="{code}-{version}.dmn"'
    return Answer(xml, content_type=DMN_TYPE, headers={"Content-Disposition": name})


@endpoints.post(
    "/fee-standards/<code:code>/tables",
    answer=ReadTables(),
    content="multipart",
    acts=False,
    permission="propose_fee_standards",
    codes=("not_found", "payload_too_large"),
)
def import_tables(call: Call, connection: Connection, code: str) -> Answer:
    """The tables of a DMN 1.3 `file` as charges, ready to be proposed; nothing is kept."""
    charged_item(connection, call.web.services, code)
    file = request.files.get("file")
    return Answer({"charges": imported_tables(file.stream.read() if file is not None else b"")})


@endpoints.post(
    "/fee-standards/<code:code>/preview",
    answer=StandardPreview(),
    body=Previewed(),
    acts=False,
    permission="read_fee_standards",
    codes=("not_found",),
)
def preview(call: Call, connection: Connection, code: str) -> Answer:
    """What a version would ask of open cases, and would have asked of those charged last; nothing is kept."""
    services = call.web.services
    item = charged_item(connection, services, code)
    _require_reader_of_cases(call, item.department)
    proposed = proposed_standard(connection, services, code, call.body["effective_on"], call.body["standard"])
    return Answer(preview_standard(connection, services, item, proposed))


def _require_reader_of_cases(call: Call, department: str) -> None:
    """Numbers of cases are shown: to who may propose, and to who decides."""
    if not may_propose_standard(call.actor, department) and not may_approve_standard(call.actor):
        raise Refused(
            "not_permitted", "您的岗位没有此项权限", "Expected a post that proposes or approves fee standards"
        )


@endpoints.post(
    "/fee-standards/<code:code>/proposals",
    answer=ProposalSchema(),
    body=NewStandard(),
    status=201,
    permission="propose_fee_standards",
    codes=("not_found", "move_refused"),
)
def propose_standard(call: Call, connection: Connection, code: str) -> Answer:
    """Propose a version to finance; it takes effect on its day once another person has approved it."""
    item = charged_item(connection, call.web.services, code)
    body: dict[str, Any] = call.body
    content = {"power_item": code, "effective_on": body["effective_on"].isoformat(), "standard": body["standard"]}
    command = Propose(FEE_STANDARD, standard_subject(item.department, code), content, body["reason"])
    proposal_id = propose(connection, call.web.services, call.actor, command, call.now)
    return Answer(read_proposal(connection, proposal_id))
