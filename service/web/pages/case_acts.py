"""What one does on the case page without a form of the case: claim, give back, sign, files, notices, printing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from service.commands.attach_file import AttachFile, RemoveFile, attach_file, remove_file
from service.commands.claim_task import claim_task, release_task
from service.commands.examine_file import ExamineFile, examine_file
from service.commands.print_document import PrintDocument, draw_ahead, print_document
from service.commands.sign_task import SignShown, sign_as_shown
from service.commands.take_payment import make_payment_notice
from service.errors import Detail, Refused, not_found
from service.notices.outbox import Wanted
from service.people.actor import Actor
from service.reads.case_page import read_case_page
from service.reads.case_parts import FileView, files_of_case
from service.reads.task_view import read_task
from service.web.archive import send_archive, send_archive_index
from service.web.context import WebContext, context
from service.web.kept_files import send_kept_file
from service.web.pages import words
from service.web.pages.cases import task_href
from service.web.pages.shell import act_on_case, ask, back, pages
from service.web.pages.words import say
from service.web.request import now, require_actor

ActOnCase = Callable[[Connection, WebContext, Actor, str], object]


def require_known_case(connection: Connection, number: str) -> int:
    """The case if this person may know of it. Raises Refused not_found."""
    web, actor = context(), require_actor()
    page = read_case_page(connection, web.services, actor, number, now(), locale=words.locale_code())
    if page is None:
        raise not_found("该办件", f"case {number}")
    return page.view.id


def take_one_of(acts: Mapping[str, tuple[ActOnCase, str]], number: str, name: str) -> AnyResponse:
    """One of the acts whose forms the case page shows, each with what the next page says; a refusal is told there."""
    ask(lambda connection: require_known_case(connection, number))
    if name not in acts:
        raise not_found("该操作", f"act {name}")
    command, said = acts[name]
    act_on_case(lambda connection, web, actor: command(connection, web, actor, number), number=number)
    return back(url_for("pages.case", number=number), say(said))


def home_of(task_id: str) -> str:
    """The page of a task's case. Raises Refused not_found for a task that this person may not know of."""
    web, actor = context(), require_actor()
    view = ask(lambda c: read_task(c, web.services, actor, task_id, words.locale_code()))
    if view is None:
        raise not_found("该环节", f"user task {task_id}")
    return task_href(view)


@pages.post("/tasks/<code:task_id>/claim")
def claim(task_id: str) -> AnyResponse:
    """Take the task."""
    home = home_of(task_id)

    def command(connection: Connection, web: WebContext, actor: Actor) -> int:
        return claim_task(connection, web.services, actor, task_id, now())

    act_on_case(command, task_id=task_id)
    return back(home, say("已领取"))


@pages.post("/tasks/<code:task_id>/release")
def release(task_id: str) -> AnyResponse:
    """Give the task back; its draft stays."""
    home = home_of(task_id)

    def command(connection: Connection, web: WebContext, actor: Actor) -> int:
        return release_task(connection, web.services, actor, task_id, now())

    act_on_case(command, task_id=task_id)
    return back(home, say("已退签"))


@pages.post("/tasks/<code:task_id>/sign")
def sign(task_id: str) -> AnyResponse:
    """The second officer's signature under what the page has shown."""
    home = home_of(task_id)
    shown = SignShown(task_id, request.form.get("content"))

    def command(connection: Connection, web: WebContext, actor: Actor) -> int:
        return sign_as_shown(connection, web.services, actor, shown, now())

    act_on_case(command, task_id=task_id)
    return back(home, say("已签字"))


@pages.post("/cases/<code:number>/attachments")
def attach(number: str) -> AnyResponse:
    """Files for one material, for browsers without script."""
    ask(lambda connection: require_known_case(connection, number))
    material, given = request.form.get("material", ""), request.files.getlist("file")
    if not any(file.filename for file in given):
        raise Refused(
            "invalid_request",
            "没有选择文件",
            "Expected a file, but none was chosen",
            [Detail("required", "请选择文件", "Choose a file", pointer="/file")],
        )
    for file in given:
        with context().files.staged(file.stream) as staged:
            wanted = AttachFile(number, material, file.filename or "file", staged, context().files.keep)

            def command(connection: Connection, web: WebContext, actor: Actor, wanted: AttachFile = wanted) -> int:
                return attach_file(connection, web.services, actor, wanted, now())

            act_on_case(command, number=number)
    return back(url_for("pages.case", number=number), say("已上传 %(count)s 个文件", count=len(given)))


@pages.post("/cases/<code:number>/attachments/<number:file_id>/examine")
def examine(number: str, file_id: int) -> AnyResponse:
    """The original was seen, or the file is refused with its reason; a press without either undoes both."""
    ask(lambda connection: require_known_case(connection, number))
    reason = request.form.get("refused_because")
    wanted = ExamineFile(number, file_id, request.form.get("original_seen") == "1", reason)

    def command(connection: Connection, web: WebContext, actor: Actor) -> None:
        examine_file(connection, web.services, actor, wanted, now())

    act_on_case(command, number=number)
    return back(url_for("pages.case", number=number), say("已记录"))


@pages.post("/cases/<code:number>/attachments/<number:file_id>/remove")
def remove(number: str, file_id: int) -> AnyResponse:
    """Take a file off the case before a step relies upon it."""
    ask(lambda connection: require_known_case(connection, number))

    def command(connection: Connection, web: WebContext, actor: Actor) -> None:
        remove_file(connection, web.services, actor, RemoveFile(number, file_id), now())

    act_on_case(command, number=number)
    return back(url_for("pages.case", number=number), say("已移除"))


@pages.get("/cases/<code:number>/attachments/<number:file_id>")
def case_file(number: str, file_id: int) -> Response:
    """The bytes of a file: shown where a browser can do no harm with them, else downloaded."""

    def read(connection: Connection) -> FileView:
        case_id = require_known_case(connection, number)
        found = next((one for one in files_of_case(connection, case_id) if one.id == file_id), None)
        if found is None:
            raise not_found("该文件", f"attachment {file_id}")
        return found

    found = ask(read)
    response = send_kept_file(
        found.digest, found.size, media_type=found.media_type, filename=found.filename, inline=True
    )
    if response is None:
        raise not_found("该文件", f"attachment {file_id}")
    # A PDF or picture of somebody's own making gets no rights of this site.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@pages.get("/cases/<code:number>/archive")
def case_archive(number: str) -> Response:
    """The archive package of a case that is over."""

    def read(connection: Connection) -> Response:
        require_known_case(connection, number)
        return send_archive(connection, require_actor(), number)

    return ask(read)


@pages.get("/cases/<code:number>/archive/index.pdf")
def case_archive_index(number: str) -> Response:
    """卷内目录 of a case that is over, as it lies in its archive package."""

    def read(connection: Connection) -> Response:
        require_known_case(connection, number)
        return send_archive_index(connection, require_actor(), number)

    return ask(read)


@pages.post("/cases/<code:number>/payment-notices")
def make_notice(number: str) -> AnyResponse:
    """The payment notice of what the standard asks."""
    ask(lambda connection: require_known_case(connection, number))

    def command(connection: Connection, web: WebContext, actor: Actor) -> int:
        return make_payment_notice(connection, web.services, actor, number, now())

    act_on_case(command, number=number)
    context().drain(now(), Wanted(frozenset({"bank_notice"}), number))
    return back(url_for("pages.case", number=number), say("已开具缴款通知书"))


@pages.post("/cases/<code:number>/documents/<code:kind>/print")
def print_case_document(number: str, kind: str) -> Response:
    """The PDF of a document, in a window of its own; every print is counted."""
    ask(lambda connection: require_known_case(connection, number))

    wanted = PrintDocument(number, kind, words.locale_code())
    drawn = draw_ahead(context().engine, context().services, require_actor(), wanted, now())

    def command(connection: Connection, web: WebContext, actor: Actor) -> bytes:
        return print_document(connection, web.services, actor, wanted, now(), drawn)

    content = act_on_case(command, number=number)
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{number}-{kind}.pdf"'
    return response
