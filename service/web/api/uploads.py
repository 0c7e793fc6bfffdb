"""Files that come in pieces, so that a cut costs one piece and not the whole file."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, fields
from marshmallow.validate import Regexp
from sqlalchemy import Connection, select
from sqlalchemy.engine import Row

from service.commands.upload_pieces import (
    BeginUpload,
    FinishUpload,
    begin_upload,
    find_upload,
    finish_upload,
    forget_upload,
    take_piece,
)
from service.database.tables import attachment
from service.errors import Detail, Refused
from service.web.api import schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Count, Text
from service.web.api.visible import require_case_visible

endpoints = Endpoints("papers")
_PLACE = "/cases/<code:number>/uploads/<code:upload_id>"


class Announced(Body):
    material = Text(80, required=True)
    filename = Text(255, required=True)
    size = Count(1, 2**31 - 1, required=True)
    digest = fields.String(allow_none=True, load_default=None, validate=Regexp(r"\A[0-9a-f]{64}\Z"))


class Finished(Body):
    replaces = Count(1, 2**53 - 1)


class Upload(Schema):
    id = fields.String()
    offset = fields.Integer()
    size = fields.Integer()


@endpoints.post(
    "/cases/<code:number>/uploads",
    answer=Upload(),
    body=Announced(),
    status=201,
    codes=("payload_too_large", "case_closed", "not_found", "rate_limited"),
)
def announce(call: Call, connection: Connection, number: str) -> Answer:
    """Announce a file (`material`, `filename`, `size`, perhaps its SHA-256 `digest`) that will come in pieces."""
    require_case_visible(call, connection, number)
    upload_id = begin_upload(connection, call.web.services, call.actor, BeginUpload(number, **call.body), call.now)
    return Answer({"id": upload_id, "offset": 0, "size": call.body["size"]})


@endpoints.get(_PLACE, answer=Upload(), codes=("not_found",))
def ask(call: Call, connection: Connection, number: str, upload_id: str) -> Answer:
    """Ask from which byte to go on."""
    row = _row(call, connection, number, upload_id)
    return _answer(row, call.web.files.received_bytes(row.id))


@endpoints.patch(_PLACE, answer=Upload(), content="octets", codes=("not_found", "offset_conflict", "payload_too_large"))
def send(call: Call, connection: Connection, number: str, upload_id: str) -> Answer:
    """Send the next piece, at most 4 MB; the header `Upload-Offset` says where in the file it begins."""
    row = _row(call, connection, number, upload_id)
    return _answer(row, take_piece(call.web.files, row, _offset(), call.body))


@endpoints.post(
    f"{_PLACE}/finish",
    answer=schemas.File(),
    body=Finished(),
    status=201,
    codes=("not_found", "offset_conflict", "unsupported_media", "case_closed"),
)
def finish(call: Call, connection: Connection, number: str, upload_id: str) -> Answer:
    """Put the whole file on file, after its digest and kind were looked at."""
    row = _row(call, connection, number, upload_id)
    command = FinishUpload(number, row, call.web.files, call.body["replaces"])
    made = finish_upload(connection, call.web.services, call.actor, command, call.now)
    file = connection.execute(select(attachment).where(attachment.c.id == made)).one()
    by = {"id": call.actor.person_id, "name": call.actor.name}
    location = f"/api/v1/cases/{number}/attachments/{made}"
    return Answer({**file._mapping, "uploaded_by": by}, headers={"Location": location})


@endpoints.delete(_PLACE, codes=("not_found",))
def give_up(call: Call, connection: Connection, number: str, upload_id: str) -> Answer:
    """Give an upload up; its pieces are thrown away."""
    row = _row(call, connection, number, upload_id)
    forget_upload(connection, row.id)
    call.web.files.drop(row.id)
    return Answer()


def _row(call: Call, connection: Connection, number: str, upload_id: str) -> Row[Any]:
    case_id = require_case_visible(call, connection, number)
    return find_upload(connection, call.actor, case_id, upload_id)


def _answer(row: Row[Any], offset: int) -> Answer:
    return Answer({"id": row.id, "offset": offset, "size": row.size})


def _offset() -> int:
    given = request.headers.get("Upload-Offset", "")
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        words = "请求头 Upload-Offset 须为字节数", "Expected the header Upload-Offset with a number of bytes"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/offset")])
    return int(given)
