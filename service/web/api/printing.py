"""Printing several documents as one job (批量打印)."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields, validate
from sqlalchemy import Connection

from service.commands.print_many import LONGEST_KEY, MOST_PRINTED, PrintMany, print_many
from service.database.session import reading
from service.errors import not_found
from service.reads.printing import PRINTED, PaperFilter, list_papers, read_job
from service.web.api import schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Instant, Text, View
from service.web.api.moves import LARGEST_ID
from service.web.idempotency import HEADER
from service.web.kept_files import send_kept_file

endpoints = Endpoints("papers")
_PRINTS = "print_documents"


class PaperQuery(PageQuery):
    printed = Choice(*PRINTED)
    kind = Text(40)
    q = Text(100)


class PaperToPrint(View):
    id = fields.Integer()
    kind = fields.String()
    name_zh = fields.String()
    number = fields.String(allow_none=True)
    made_at = Instant()
    copies = fields.Integer()
    case_number = fields.String()
    case_status = fields.String()
    department = fields.String()
    applicant_name = fields.String()


class PrintJob(Body):
    """`key` names the job, as the header Idempotency-Key may: sent again, nothing is printed twice."""

    documents = fields.List(
        Count(1, LARGEST_ID, required=True),
        required=True,
        validate=validate.Length(min=1, max=MOST_PRINTED, error=f"too_large:{MOST_PRINTED}"),
        error_messages={"required": "required", "null": "null", "invalid": "invalid"},
    )
    key = Text(LONGEST_KEY, shortest=8)
    lang = Choice("zh-CN", "en")


class PrintResult(View):
    document = fields.Integer()
    case_number = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    copy = fields.Integer(allow_none=True)
    code = fields.String(allow_none=True)
    detail = fields.String(allow_none=True)


class PrintJobView(View):
    id = fields.Integer()
    at = Instant()
    size = fields.Integer(allow_none=True)
    results = fields.List(fields.Nested(PrintResult))


@endpoints.get("/documents", answer=schemas.page_of(PaperToPrint()), query=PaperQuery(), permission=_PRINTS)
def find_papers(call: Call, connection: Connection) -> Answer:
    """The documents of the departments in which one prints: those not printed yet, or those that were."""
    query = call.query
    wanted = PaperFilter(query.get("printed") or "no", query.get("kind"), query.get("q"))
    return Answer(list_papers(connection, call.actor, wanted, asked_page(call)))


@endpoints.post(
    "/print-jobs",
    answer=PrintJobView(),
    body=PrintJob(),
    acts=False,
    status=201,
    permission=_PRINTS,
    codes=("invalid_request", "second_factor_required"),
)
def print_several(call: Call, _connection: Connection) -> Answer:
    """Print several documents as one job: each copy counted, what is unpaid left out and named."""
    key = call.body.get("key") or request.headers.get(HEADER) or ""
    command = PrintMany(call.body["documents"], key, call.body.get("lang") or "zh-CN")
    job_id = print_many(call.web.engine, call.web.services, call.actor, command, call.now)
    with reading(call.web.engine) as connection:
        return Answer(_told(call, connection, job_id))


@endpoints.get("/print-jobs/<number:job_id>", answer=PrintJobView(), permission=_PRINTS, codes=("not_found",))
def read_print_job(call: Call, connection: Connection, job_id: int) -> Answer:
    """One's own job, and what came of each document."""
    return Answer(_told(call, connection, job_id))


@endpoints.get(
    "/print-jobs/<number:job_id>/pages",
    answer=None,
    permission=_PRINTS,
    codes=("not_found",),
    produces="application/pdf",
)
def read_print_job_pages(call: Call, connection: Connection, job_id: int) -> Answer:
    """The bound file, for the printer; it is kept for a day."""
    job = read_job(connection, call.actor, job_id)
    found = None
    if job is not None and job.digest is not None:
        name = f"{job_id}.pdf"
        found = send_kept_file(job.digest, job.size, media_type="application/pdf", filename=name, inline=True)
    if found is None:
        raise not_found("该打印任务", f"the pages of print job {job_id}")
    return Answer(found)


def _told(call: Call, connection: Connection, job_id: int) -> dict[str, Any]:
    job = read_job(connection, call.actor, job_id)
    if job is None:
        raise not_found("该打印任务", f"print job {job_id}")
    word = "said_en" if call.locale == "en" else "said_zh"
    plain = ("case_number", "kind", "number", "copy", "code")
    results = [
        {"document": one["document"], **{name: one.get(name) for name in plain}, "detail": one.get(word)}
        for one in job.results
    ]
    return {"id": job.id, "at": job.at, "size": job.size, "results": results}
