"""批量打印: documents that wait for the printer, ticked and printed as one job, and what came of each."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from service.commands.print_many import MOST_PRINTED, PrintMany, print_many, unpaid_papers
from service.errors import Refused, not_found
from service.reads.printing import PRINTED, PaperFilter, departments_of_printing, list_papers, read_job
from service.web.context import context
from service.web.given import whole_numbers
from service.web.kept_files import send_kept_file
from service.web.pages import words
from service.web.pages.shell import argument, ask, asked, pages, require
from service.web.pages.words import say
from service.web.request import now, require_actor


@pages.get("/printing")
def printing() -> str:
    """What waits for the printer; `?printed=yes` what was printed already."""
    actor = require("print_documents")
    wanted = PaperFilter(argument("printed", PRINTED) or "no", argument("kind", dict(_kinds())), argument("q"))

    def read(connection: Connection) -> dict[str, Any]:
        page = list_papers(connection, actor, wanted, asked(MOST_PRINTED))
        return {"page": page, "unpaid": unpaid_papers(connection, context().services, page.items)}

    return render_template(
        "printing.html",
        **ask(read),
        printed=wanted.printed,
        kinds=_kinds(),
        filtered=any((wanted.kind, wanted.q)),
        key=secrets.token_hex(16),
        most=MOST_PRINTED,
    )


def _kinds() -> list[tuple[str, str]]:
    own = [("certificate", say("证照")), ("decision", say("决定书"))]
    return own + [(kind, words.document_word(kind, kind)) for kind in words.DOCUMENT_KINDS]


@pages.post("/printing")
def print_papers() -> AnyResponse:
    """Print those that are ticked; the key of the form keeps a second press from printing twice."""
    command = PrintMany(
        whole_numbers(request.form.getlist("document")), request.form.get("key", ""), words.locale_code()
    )
    web = context()
    job_id = print_many(web.engine, web.services, require_actor(), command, now())
    return redirect(url_for("pages.print_job", job_id=job_id), 303)


@pages.get("/printing/<number:job_id>")
def print_job(job_id: int) -> str:
    """One's own job: what was printed, and what was left out and why."""
    job = _own_job(job_id)
    printed = [one for one in job.results if not one.get("code")]
    left_out = [one for one in job.results if one.get("code")]
    return render_template("print_job.html", job=job, printed=printed, left_out=left_out)


@pages.get("/printing/<number:job_id>/pages")
def print_job_pages(job_id: int) -> Response:
    """The bound file, for the printer."""
    job = _own_job(job_id)
    found = None
    if job.digest is not None:
        name = f"{job_id}.pdf"
        found = send_kept_file(job.digest, job.size, media_type="application/pdf", filename=name, inline=True)
    if found is None:
        raise Refused("not_found", "合并文件只保留一天，各份文书已分别留存", "The bound file is kept for a day alone")
    return found


def _own_job(job_id: int) -> Any:
    require("print_documents")
    job = ask(lambda connection: read_job(connection, require_actor(), job_id))
    if job is None:
        raise not_found("该打印任务", f"print job {job_id}")
    return job


def may_print_many() -> bool:
    """Whether the lists offer the way to the printer."""
    return bool(departments_of_printing(require_actor()))


pages.add_app_template_global(may_print_many, "may_print_many")
