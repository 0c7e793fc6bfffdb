"""Random inspections: what was committed to before each draw and all of it afterwards, for anybody; and recusals."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.recuse_officer import RecuseOfficer, recuse_officer
from service.reads.inspections import read_public_draws
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Instant, Named, Text, View
from service.web.api.schemas import Case, page_of
from service.web.api.visible import case_after_act, require_case_visible

endpoints = Endpoints("public_inspections")


class PublicRecusal(View):
    officer = fields.String()
    replaced_by = fields.String()
    seed = fields.String(metadata={"description": "SHA-256 of `seed of the draw|recusal|credit code|n`, n from 1"})
    at = Instant()
    passed_over = fields.List(fields.String())


class RecusalBody(Body):
    officer = Text(40, required=True)
    reason = Text(500, required=True)


class PublicObject(View):
    name = fields.String()
    credit_code = fields.String()
    officers = fields.List(fields.String())
    inspected_on = fields.String(allow_none=True)
    result = fields.String(allow_none=True)
    recusals = fields.List(fields.Nested(PublicRecusal()))


class PublicDraw(View):
    plan = fields.String()
    department = Named()
    name = fields.String()
    matter = fields.String()
    begins_on = fields.String()
    ends_on = fields.String()
    percent = fields.Integer()
    pool_size = fields.Integer()
    frozen_at = Instant()
    commitment = fields.String(metadata={"description": "SHA-256 of the secret, in hex, told before the draw"})
    pool_digest = fields.String()
    drawn_at = Instant(allow_none=True)
    secret = fields.String(allow_none=True, metadata={"description": "Told once the draw is made"})
    approval = fields.String(allow_none=True)
    seed = fields.String(allow_none=True)
    pool = fields.Dict(allow_none=True)
    drawn = fields.List(fields.Nested(PublicObject()))


@endpoints.get("/public/inspections", answer=page_of(PublicDraw()), public=True)
def public_draws(_call: Call, connection: Connection) -> Answer:
    """The plans of random inspections and their draws, the newest first."""
    found = read_public_draws(connection)
    return Answer({"items": found, "total": len(found), "next": None})


@endpoints.post(
    "/cases/<code:number>/recusals",
    answer=Case(),
    body=RecusalBody(),
    permission="decide_recusals",
    codes=("not_found", "case_closed", "case_halted", "move_refused", "invalid_request", "control_node_missing"),
)
def recuse(call: Call, connection: Connection, number: str) -> Answer:
    """Draw another officer in the place of one who is recused (回避), from the frozen pool by a seed that follows."""
    require_case_visible(call, connection, number)
    command = RecuseOfficer(number, call.body["officer"], call.body["reason"])
    recuse_officer(connection, call.web.services, call.actor, command, call.now)
    view = case_after_act(call, connection, number)
    return Answer(view, version=view.version)
