"""国库对账: files of the bank and the treasury, what became of each line, and payments that no file has."""

from __future__ import annotations

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.import_receipts import (
    ImportReceipts,
    examine,
    import_receipts,
    keep_preview,
    may_import,
    read_preview,
    saved_mappings,
)
from service.commands.taking_receipts import COMPARE_KIND, OUTBOX_KIND, ROWS_KIND
from service.errors import Detail, Refused, not_found
from service.notices.outbox import Wanted
from service.people.actor import Actor
from service.reads.treasury import (
    OUTCOMES,
    find_import,
    list_imports,
    list_rows,
    may_read_treasury,
    missing_receipts,
)
from service.reads.visibility import departments_of_cases
from service.web.context import WebContext, context
from service.web.pages.shell import act, argument, ask, asked, back, calendar, pages, refusal_view
from service.web.pages.words import receipt_why, say
from service.web.request import now, require_actor

pages.add_app_template_filter(receipt_why, "receipt_why")


@pages.get("/treasury")
def treasury() -> str:
    """The files that were taken in, and what is missing in them."""
    return _page()


def _page(refusal: Refused | None = None) -> str:
    _require_reader()
    return render_template(
        "treasury.html",
        page=ask(lambda connection: list_imports(connection, asked())),
        missing=ask(lambda connection: missing_receipts(connection, calendar(connection), now())),
        mappings=[one.name for one in ask(saved_mappings)],
        may_import=may_import(require_actor()),
        may_open=departments_of_cases(require_actor()) != frozenset(),
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/treasury")
def look_at_treasury_file() -> Response | tuple[str, int]:
    """Read a file whole and show what is in it, before anything is taken in."""
    try:
        file = request.files.get("file")
        if file is None or not file.filename:
            words = "请选择文件", "Choose a file"
            raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/file")])
        command = ImportReceipts(file.stream, file.filename, request.form.get("mapping", "")[:100] or None)
        actor = require_actor()
        examined = ask(lambda connection: examine(connection, context().services, actor, command))
        preview_id = act(lambda connection, _web, actor: keep_preview(connection, actor, examined, now()))
    except Refused as refusal:
        return _page(refusal), refusal.status
    return back(url_for("pages.treasury_preview", preview_id=preview_id))


@pages.get("/treasury/previews/<number:preview_id>")
def treasury_preview(preview_id: int) -> str:
    """What stands in a file that nobody has taken in yet."""
    actor = require_actor()
    found = ask(lambda connection: read_preview(connection, actor, preview_id))
    return render_template("treasury_preview.html", one=found, found=found.found, preview_id=preview_id)


@pages.post("/treasury/previews/<number:preview_id>/take")
def take_treasury_file(preview_id: int) -> Response:
    """Take in the file that one has looked at, and match it at once."""

    def take(connection: Connection, web: WebContext, actor: Actor) -> tuple[int, bool]:
        examined = read_preview(connection, actor, preview_id)
        return import_receipts(connection, web.services, actor, examined, now())

    import_id, new = act(take)
    if context().stepping is not None:
        context().drain(now(), Wanted(frozenset({ROWS_KIND, OUTBOX_KIND})))
        context().drain(now(), Wanted(frozenset({COMPARE_KIND})))
    said = say("已导入，正在核对") if new else say("这个文件以前已导入，没有变化")
    return back(url_for("pages.treasury_file", import_id=import_id), said)


@pages.get("/treasury/<number:import_id>")
def treasury_file(import_id: int) -> str:
    """One file, row by row."""
    _require_reader()
    found = ask(lambda connection: find_import(connection, import_id))
    if found is None:
        raise not_found("该导入", f"an import {import_id}")
    outcome = argument("outcome", OUTCOMES)
    return render_template(
        "treasury_file.html",
        one=found,
        outcome=outcome,
        page=ask(lambda connection: list_rows(connection, import_id, outcome, asked())),
        may_open=departments_of_cases(require_actor()) != frozenset(),
    )


def _require_reader() -> None:
    if not may_read_treasury(require_actor()):
        raise Refused("not_permitted", "您的岗位不能打开这一页", "Expected finance, level 2, the centre or an auditor")
