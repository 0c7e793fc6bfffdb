"""Files and documents of a case: materials up and down, papers printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from marshmallow import fields
from sqlalchemy import Connection, bindparam, select

from service.commands.attach_file import AttachFile, RemoveFile, attach_file, remove_file
from service.commands.examine_file import ExamineFile, examine_file
from service.commands.print_document import PrintDocument, draw_ahead, print_document
from service.commands.reuse_certificate import ReuseCertificate, reuse_certificate
from service.database.session import reading
from service.database.tables import attachment
from service.errors import Detail, Refused, not_found
from service.form_schemas.size import UNSTORABLE
from service.people.permissions import may
from service.reads.case_parts import files_of_case
from service.reads.earlier_certificates import earlier_certificates
from service.web.api import schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Day, Named, Query, Text, View
from service.web.api.moves import LARGEST_ID
from service.web.api.visible import case_after_act, case_answer, require_case_visible, visible_case
from service.web.archive import send_archive, send_archive_index
from service.web.kept_files import send_kept_file

endpoints = Endpoints("papers")

_FILE = select(attachment).where(
    attachment.c.id == bindparam("attachment_id"),
    attachment.c.case_id == bindparam("case_id"),
    attachment.c.removed_at.is_(None) | attachment.c.replaced_by.is_not(None),
)
# A file that somebody handed in may hold anything: it runs no script, loads nothing and has no origin of its own.
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; frame-ancestors 'self'"


class EarlierCertificate(View):
    id = fields.Integer()
    number = fields.String()
    name_zh = fields.String()
    holder = fields.String()
    department_name = Named()
    valid_until = Day(allow_none=True)


class CertificatesForMaterial(View):
    material = fields.String()
    certificates = fields.List(fields.Nested(EarlierCertificate))


class EarlierCertificates(View):
    items = fields.List(fields.Nested(CertificatesForMaterial))


class CertificateForMaterial(Body):
    material = Text(80, required=True)
    certificate = Count(1, LARGEST_ID, required=True)


class FileQuery(Query):
    disposition = Choice("attachment", "inline")


class PrintQuery(Query):
    lang = Choice("zh-CN", "en")


@contextmanager
def _staged(call: Call) -> Iterator[None]:
    """Receive the file before the transaction: nobody waits for a slow upload."""
    file, material = request.files.get("file"), request.form.get("material", "")
    if file is None or not material or len(material) > 80 or UNSTORABLE.search(material):
        raise _incomplete("/file" if file is None else "/material")
    replaces = request.form.get("replaces", "")
    if replaces and not (replaces.isascii() and replaces.isdigit() and len(replaces) < 16):
        raise _incomplete("/replaces")
    with call.web.files.staged(file.stream) as staged:
        call.body = (material, file.filename or "", staged, int(replaces) if replaces else None)
        yield


def _incomplete(pointer: str) -> Refused:
    detail = Detail("required", "必填", "This is required", pointer=pointer)
    return Refused("invalid_request", "请选择文件和材料", "Expected the parts `material` and `file`", [detail])


@endpoints.post(
    "/cases/<code:number>/attachments",
    answer=schemas.File(),
    content="multipart",
    status=201,
    around=_staged,
    codes=("payload_too_large", "unsupported_media", "case_closed", "not_found"),
)
def upload_file(call: Call, connection: Connection, number: str) -> Answer:
    """Hand in a file (`file`) of a material (`material`), perhaps in place of another (`replaces`)."""
    case_id = require_case_visible(call, connection, number)
    material, filename, staged, replaces = call.body
    command = AttachFile(number, material, filename, staged, call.web.files.keep, replaces)
    attachment_id = attach_file(connection, call.web.services, call.actor, command, call.now)
    row = connection.execute(_FILE, {"attachment_id": attachment_id, "case_id": case_id}).one()
    location = f"/api/v1/cases/{number}/attachments/{attachment_id}"
    by = {"id": call.actor.person_id, "name": call.actor.name}
    return Answer({**row._mapping, "uploaded_by": by}, headers={"Location": location})


@endpoints.get("/cases/<code:number>/earlier-certificates", answer=EarlierCertificates(), codes=("not_found",))
def find_earlier_certificates(call: Call, connection: Connection, number: str) -> Answer:
    """By material, the applicant's certificates of earlier cases that could be handed in today."""
    found = visible_case(call, connection, number)
    if found.item is None or not may(call.actor, "attach_files", found.row.department):
        return Answer({"items": []})
    materials, applicant = found.item.materials.values(), found.row.applicant or {}
    today = call.web.services.calendars.get(connection).local_date(call.now)
    fitting = earlier_certificates(connection, found.row.id, materials, applicant, today)
    return Answer({"items": [{"material": key, "certificates": ones} for key, ones in fitting.items()]})


@endpoints.post(
    "/cases/<code:number>/attachments/certificates",
    answer=schemas.File(),
    body=CertificateForMaterial(),
    status=201,
    codes=("not_found", "case_closed", "certificate_ended"),
)
def hand_in_certificate(call: Call, connection: Connection, number: str) -> Answer:
    """Hand in a certificate of an earlier case for a material: in force today, and the applicant's own."""
    case_id = require_case_visible(call, connection, number)
    command = ReuseCertificate(number, call.body["material"], call.body["certificate"])
    attachment_id = reuse_certificate(connection, call.web.services, call.actor, command, call.now)
    return Answer(next(one for one in files_of_case(connection, case_id) if one.id == attachment_id))


@endpoints.get(
    "/cases/<code:number>/attachments/<number:attachment_id>",
    answer=None,
    query=FileQuery(),
    codes=("not_found",),
    produces="application/octet-stream",
)
def download_file(call: Call, connection: Connection, number: str, attachment_id: int) -> Answer:
    """The bytes of a file; `disposition=inline` shows PDF, PNG and JPEG in a sandbox."""
    case_id = visible_case(call, connection, number).row.id
    row = connection.execute(_FILE, {"attachment_id": attachment_id, "case_id": case_id}).one_or_none()
    response = row and send_kept_file(
        row.digest,
        row.size,
        media_type=row.media_type,
        filename=row.filename,
        inline=call.query.get("disposition") == "inline",
    )
    if response is None:
        raise not_found("该文件", f"attachment {attachment_id}")
    response.headers["Content-Security-Policy"] = _SANDBOX
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return Answer(response)


@endpoints.get(
    "/cases/<code:number>/archive",
    answer=None,
    codes=("not_found", "not_permitted", "case_open"),
    produces="application/zip",
)
def download_archive(call: Call, connection: Connection, number: str) -> Answer:
    """The archive package of a case that is over: its documents, files and history, with an index of their digests."""
    visible_case(call, connection, number)
    return Answer(send_archive(connection, call.actor, number))


@endpoints.get(
    "/cases/<code:number>/archive/index",
    answer=None,
    codes=("not_found", "not_permitted", "case_open"),
    produces="application/pdf",
)
def read_archive_index(call: Call, connection: Connection, number: str) -> Answer:
    """The index of the archive package as a paper (卷内目录)."""
    visible_case(call, connection, number)
    return Answer(send_archive_index(connection, call.actor, number))


class Examination(Body):
    original_seen = fields.Boolean(required=True, truthy={True}, falsy={False})
    refused_because = fields.String(allow_none=True, load_default=None)


@endpoints.put(
    "/cases/<code:number>/attachments/<number:attachment_id>/examination",
    answer=schemas.Case(),
    body=Examination(),
    codes=("case_closed", "not_found"),
)
def examine(call: Call, connection: Connection, number: str, attachment_id: int) -> Answer:
    """Say that the original was seen beside the file, or refuse the file with its reason."""
    require_case_visible(call, connection, number)
    command = ExamineFile(number, attachment_id, call.body["original_seen"], call.body["refused_because"])
    examine_file(connection, call.web.services, call.actor, command, call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.delete("/cases/<code:number>/attachments/<number:attachment_id>", codes=("case_closed", "not_found"))
def take_file_back(call: Call, connection: Connection, number: str, attachment_id: int) -> Answer:
    """Take a file back before the step that asks for it has been reached."""
    require_case_visible(call, connection, number)
    remove_file(connection, call.web.services, call.actor, RemoveFile(number, attachment_id), call.now)
    return Answer()


@contextmanager
def _drawn(call: Call) -> Iterator[None]:
    """Draw and sign before the transaction: nobody waits for that."""
    command = _print_command(call, **(request.view_args or {}))
    with reading(call.web.engine) as connection:
        require_case_visible(call, connection, command.number)
    call.body = draw_ahead(call.web.engine, call.web.services, call.actor, command, call.now)
    yield


def _print_command(call: Call, number: str, kind: str) -> PrintDocument:
    return PrintDocument(number, kind, call.query.get("lang") or "zh-CN")


@endpoints.post(
    "/cases/<code:number>/documents/<code:kind>/print",
    answer=None,
    query=PrintQuery(),
    around=_drawn,
    codes=("fee_unpaid", "case_halted", "not_found"),
    produces="application/pdf",
)
def print_paper(call: Call, connection: Connection, number: str, kind: str) -> Answer:
    """Print a document of the case as signed PDF; a certificate only when its fee is paid."""
    require_case_visible(call, connection, number)
    command = _print_command(call, number, kind)
    content = print_document(connection, call.web.services, call.actor, command, call.now, call.body)
    headers = {"Content-Disposition": f'inline; filename="{kind}-{number}.pdf"'}
    return Answer(content, content_type="application/pdf", headers=headers)
