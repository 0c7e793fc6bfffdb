"""Receipts of the treasury: files in, their progress and report, what is missing, and how files are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request
from marshmallow import fields
from sqlalchemy import Connection

from service.commands.import_receipts import (
    Examined,
    ImportReceipts,
    examine,
    import_receipts,
    keep_preview,
    read_preview,
    save_mapping,
    saved_mappings,
)
from service.database.session import reading
from service.errors import Refused, not_found
from service.reads.treasury import (
    OUTCOMES,
    ImportView,
    find_import,
    list_imports,
    list_rows,
    may_read_treasury,
    missing_receipts,
)
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Day, Instant, Text, View
from service.web.api.reading_body import required_file
from service.web.api.schemas import page_of

endpoints = Endpoints("treasury receipts")
_PLACE = "/treasury-receipts/imports"
_PREVIEWS = "/treasury-receipts/previews"


class RowsQuery(PageQuery):
    outcome = Choice(*OUTCOMES)


class ImportRow(View):
    row_no = fields.Integer()
    receipt_no = fields.String()
    outcome = fields.String()
    why = fields.String(allow_none=True)
    pay_code = fields.String(allow_none=True)
    payer = fields.String(allow_none=True)
    amount_fen = fields.Integer(allow_none=True)
    paid_on = Day(allow_none=True)
    case_number = fields.String(allow_none=True)


class TreasuryImport(View):
    id = fields.Integer()
    digest = fields.String()
    filename = fields.String()
    mapping = fields.String()
    state = fields.String()
    total_rows = fields.Integer()
    done_rows = fields.Integer()
    total_fen = fields.Integer()
    imported_at = Instant()
    imported_by = fields.String(allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class TreasuryReport(TreasuryImport):
    rows = fields.List(fields.Nested(ImportRow()))
    next = fields.String(allow_none=True)


class PreviewRow(View):
    """`receipt` as it was read; None: `why` says what is wrong with the row."""

    row_no = fields.Integer()
    receipt_no = fields.String()
    why = fields.String()
    receipt = fields.Dict(keys=fields.String(), allow_none=True)


class ReceiptPreview(View):
    """`faults` counts rows that cannot be read, by what is wrong; `known` is the import of the same bytes."""

    id = fields.Integer()
    digest = fields.String()
    filename = fields.String()
    mapping = fields.String()
    encoding = fields.String()
    total_rows = fields.Integer()
    refused_rows = fields.Integer()
    total_fen = fields.Integer()
    faults = fields.Dict(keys=fields.String(), values=fields.Integer())
    rows = fields.List(fields.Nested(PreviewRow()))
    known = fields.Integer(allow_none=True)


class MissingReceipt(View):
    receipt_no = fields.String()
    pay_code = fields.String()
    amount_fen = fields.Integer()
    at = Instant()
    case_number = fields.String()
    department = fields.String()


class Mapping(View):
    name = fields.String()
    columns = fields.Dict(keys=fields.String(), values=fields.String())
    unit = fields.String()
    delimiter = fields.String()
    format = fields.String()
    skipped = fields.Integer()


class MappingBody(Body):
    """`columns` names headings; of a fixed layout, places such as `21-8`: from byte 21, 8 bytes."""

    columns = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    unit = Choice("fen", "yuan")
    delimiter = Text(1, blanks=True)
    format = Choice("csv", "fixed")
    skipped = Count(0, 50)


@contextmanager
def _received(call: Call) -> Iterator[None]:
    """Read the file before the transaction: nobody waits for a slow upload, or a long file."""
    file, mapping = required_file(), request.form.get("mapping", "")
    command = ImportReceipts(file.stream, file.filename or "", mapping[:100] or None)
    with reading(call.web.engine) as connection:
        call.body = examine(connection, call.web.services, call.actor, command)
    yield


@endpoints.post(
    _PLACE,
    answer=TreasuryImport(),
    content="multipart",
    status=202,
    around=_received,
    permission="import_treasury_receipts",
    codes=("payload_too_large",),
)
def take_file(call: Call, connection: Connection) -> Answer:
    """Take a file in (`file`: text or a workbook), by a saved `mapping`, else by what its headings say."""
    return _taken(call, connection, call.body)


@endpoints.post(
    _PREVIEWS,
    answer=ReceiptPreview(),
    content="multipart",
    status=201,
    around=_received,
    permission="import_treasury_receipts",
    codes=("payload_too_large",),
)
def look_at_file(call: Call, connection: Connection) -> Answer:
    """Read a file whole and take nothing of it in; the same person may have it taken in within a day."""
    preview_id = keep_preview(connection, call.actor, call.body, call.now)
    return Answer(_preview(preview_id, call.body), headers={"Location": f"/api/v1{_PREVIEWS}/{preview_id}"})


@endpoints.get(
    f"{_PREVIEWS}/<number:preview_id>",
    answer=ReceiptPreview(),
    permission="import_treasury_receipts",
    codes=("not_found",),
)
def read_file_preview(call: Call, connection: Connection, preview_id: int) -> Answer:
    """What was found in a file that nobody has taken in yet."""
    return Answer(_preview(preview_id, read_preview(connection, call.actor, preview_id)))


@endpoints.post(
    f"{_PREVIEWS}/<number:preview_id>/take",
    answer=TreasuryImport(),
    status=202,
    permission="import_treasury_receipts",
    codes=("not_found",),
)
def take_previewed_file(call: Call, connection: Connection, preview_id: int) -> Answer:
    """Take in the file that one has looked at."""
    return _taken(call, connection, read_preview(connection, call.actor, preview_id))


def _taken(call: Call, connection: Connection, examined: Examined) -> Answer:
    import_id, _new = import_receipts(connection, call.web.services, call.actor, examined, call.now)
    return Answer(_known(connection, import_id), headers={"Location": f"/api/v1{_PLACE}/{import_id}"})


def _preview(preview_id: int, one: Examined) -> dict[str, Any]:
    found = one.found
    about = {"id": preview_id, "digest": one.digest, "filename": one.filename, "known": one.known}
    figures = {name: getattr(found, name) for name in ("encoding", "total_rows", "refused_rows", "total_fen", "faults")}
    return {**about, "mapping": found.mapping.name, **figures, "rows": [row.as_json() for row in found.first]}


@endpoints.get(_PLACE, answer=page_of(TreasuryImport()), query=PageQuery(), permission="read_treasury_receipts")
def find_files(call: Call, connection: Connection) -> Answer:
    """Files that were taken in, the newest first."""
    _require_reader(call)
    return Answer(list_imports(connection, asked_page(call)))


@endpoints.get(
    f"{_PLACE}/<number:import_id>",
    answer=TreasuryReport(),
    query=RowsQuery(),
    permission="read_treasury_receipts",
    codes=("not_found",),
)
def read_report(call: Call, connection: Connection, import_id: int) -> Answer:
    """How far a file is matched, and row by row what became of it."""
    _require_reader(call)
    found, page = _known(connection, import_id), list_rows(connection, import_id, _outcome(call), asked_page(call))
    return Answer({name: getattr(found, name) for name in TreasuryImport().fields} | _rows(page))


@endpoints.get("/treasury-receipts/missing", answer=page_of(MissingReceipt()), permission="read_treasury_receipts")
def find_missing(call: Call, connection: Connection) -> Answer:
    """Payments that the bank has told and no file of the treasury has, after the next working day."""
    _require_reader(call)
    found = missing_receipts(connection, call.web.services.calendars.get(connection), call.now)
    return Answer({"items": found, "total": len(found), "next": None})


@endpoints.get("/treasury-receipts/mappings", answer=page_of(Mapping()), permission="read_treasury_receipts")
def find_mappings(call: Call, connection: Connection) -> Answer:
    """How files are read: the county's own mappings, then those that are built in."""
    _require_reader(call)
    found = saved_mappings(connection)
    return Answer({"items": found, "total": len(found), "next": None})


@endpoints.put(
    "/treasury-receipts/mappings/<key:name>",
    answer=None,
    body=MappingBody(),
    status=204,
    permission="import_treasury_receipts",
)
def keep_mapping(call: Call, connection: Connection, name: str) -> Answer:
    """Save which heading of a file is which field of a receipt."""
    content = {key: value for key, value in call.body.items() if value is not None}
    save_mapping(connection, call.actor, name, content, call.now)
    return Answer()


def _rows(page: Any) -> dict[str, Any]:
    return {"rows": page.items, "next": page.next}


def _outcome(call: Call) -> str | None:
    found: str | None = call.query.get("outcome")
    return found


def _known(connection: Connection, import_id: int) -> ImportView:
    found = find_import(connection, import_id)
    if found is None:
        raise not_found("该导入", f"an import {import_id}")
    return found


def _require_reader(call: Call) -> None:
    if not may_read_treasury(call.actor):
        raise Refused("not_permitted", "您的岗位没有此项权限", "Expected finance, level 2, the centre or an auditor")
