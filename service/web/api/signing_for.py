"""Signing for papers in bulk (批量签收): several tasks are claimed, several copies confirmed; nothing is decided so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields, validate
from sqlalchemy import Connection

from service.commands.sign_for_many import MOST_SIGNED_FOR, SignedFor, claim_each, read_each, require_bulk_act
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Count, Named, Several, Text, View
from service.web.api.moves import LARGEST_ID

endpoints = Endpoints("user-tasks")
_LIST_WORDS: dict[str, Any] = {"required": "required", "null": "null", "invalid": "invalid"}
_MANY = validate.Length(min=1, max=MOST_SIGNED_FOR, error=f"too_large:{MOST_SIGNED_FOR}")


class ManyTasks(Body):
    act = Text(20)
    tasks = Several(Text(32, required=True), required=True, validate=_MANY, error_messages=_LIST_WORDS)


class ManyCopies(Body):
    act = Text(20)
    copies = Several(Count(1, LARGEST_ID, required=True), required=True, validate=_MANY, error_messages=_LIST_WORDS)


class OneOfMany(View):
    id = fields.Raw()
    outcome = fields.String()
    code = fields.String(allow_none=True)
    detail = fields.String(allow_none=True)
    case_number = fields.String(allow_none=True)
    name = Named()


class ResultOfMany(View):
    items = fields.List(fields.Nested(OneOfMany))


@endpoints.post(
    "/user-tasks/claims",
    answer=ResultOfMany(),
    body=ManyTasks(),
    acts=False,
    codes=("not_permitted", "invalid_request"),
)
def claim_many(call: Call, _connection: Connection) -> Answer:
    """Claim several tasks, each in a transaction of its own; none is reviewed, decided or completed so."""
    require_bulk_act(call.body.get("act") or "claim")
    signed = claim_each(call.web.engine, call.web.services, call.actor, call.body["tasks"], call.now)
    return Answer({"items": list(_results(call, signed, "claimed"))})


@endpoints.post(
    "/copies/receipts", answer=ResultOfMany(), body=ManyCopies(), acts=False, codes=("not_permitted", "invalid_request")
)
def confirm_many(call: Call, _connection: Connection) -> Answer:
    """Confirm the receipt of several copies to read."""
    require_bulk_act(call.body.get("act") or "read")
    signed = read_each(call.web.engine, call.actor, call.body["copies"], call.now)
    return Answer({"items": list(_results(call, signed, "read"))})


def _results(call: Call, signed: Iterable[SignedFor], done: str) -> Iterable[dict[str, Any]]:
    for one in signed:
        refusal = one.refusal
        said = None if refusal is None else refusal.message_en if call.locale == "en" else refusal.message
        yield {
            "id": one.id,
            "outcome": "refused" if refusal is not None else done,
            "code": refusal.code if refusal is not None else None,
            "detail": said,
            "case_number": one.case_number,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
        }
