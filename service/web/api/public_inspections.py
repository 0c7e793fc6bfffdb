"""Random inspections without sign-in: what was committed to before each draw, and all of it afterwards."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.reads.inspections import read_public_draws
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Instant, Named, View
from service.web.api.schemas import page_of

endpoints = Endpoints("public_inspections")


class PublicObject(View):
    name = fields.String()
    credit_code = fields.String()
    officers = fields.List(fields.String())
    inspected_on = fields.String(allow_none=True)
    result = fields.String(allow_none=True)


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
