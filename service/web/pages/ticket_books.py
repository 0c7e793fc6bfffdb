"""罚款专用票据: books that finance registers, what became of each number, and who has which book in his hands."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.return_ticket_book import ReceiveBook, offer_ticket_book, receive_ticket_book
from service.commands.ticket_books import (
    RegisterBook,
    SettleLeaves,
    allot_ticket_book,
    register_ticket_book,
    settle_leaves,
)
from service.errors import Refused, not_found
from service.fees.tickets import LONGEST_SERIES, MOST_IN_BOOK
from service.people.permissions import FINANCE, may
from service.reads.office_changes import list_departments
from service.reads.tickets import list_books, numbers_missing, officers_of_department, read_book, sees_all_books
from service.reads.visibility import may_read_case
from service.web.given import whole_number
from service.web.pages import ticket_words as ticket_words
from service.web.pages.shell import act, ask, asked, back, pages, refusal_view, require
from service.web.pages.words import in_english, say
from service.web.request import now


@pages.get("/ticket-books")
def ticket_books() -> str:
    """The books that the person sees; finance registers another."""
    return _list_page()


def _list_page(refusal: Refused | None = None) -> str:
    actor = require("read_ticket_books")
    registers = may(actor, "register_ticket_books", FINANCE)

    def read(connection: Connection) -> dict[str, Any]:
        departments = list_departments(connection) if registers else []
        return {
            "page": list_books(connection, actor, asked()),
            "missing": numbers_missing(connection) if sees_all_books(actor) else [],
            "departments": [(one.code, one.name_en if in_english() else one.name_zh) for one in departments],
        }

    return render_template(
        "ticket_books.html",
        **ask(read),
        registers=registers,
        most=MOST_IN_BOOK,
        longest=LONGEST_SERIES,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/ticket-books")
def add_ticket_book() -> Response | tuple[str, int]:
    """Finance registers a book."""
    form = request.form
    spans = _whole("first"), _whole("last")
    command = RegisterBook(form.get("series", ""), *spans, form.get("department", "")[:16], form.get("reason", ""))
    try:
        made = act(lambda connection, _web, actor: register_ticket_book(connection, actor, command, now()))
    except Refused as refusal:
        return _list_page(refusal), refusal.status
    return back(url_for("pages.ticket_book", book_id=made), say("票据本已登记"))


@pages.get("/ticket-books/<number:book_id>")
def ticket_book(book_id: int) -> str:
    """A book with every number."""
    return _one_page(book_id)


def _one_page(book_id: int, refusal: Refused | None = None) -> str:
    actor = require("read_ticket_books")

    def read(connection: Connection) -> dict[str, Any]:
        book = read_book(connection, actor, book_id)
        keeps = may(actor, "allot_ticket_books", book.department)
        allots = keeps and book.leaves.blank > 0 and book.officer_id is None
        officers = officers_of_department(connection, book.department) if allots else []
        own = book.officer_id == actor.person_id
        settles = book.leaves.blank > 0 and (keeps or own)
        offers = book.officer_id is not None and book.offered_at is None and (keeps or own)
        receives = (
            keeps and book.offered_at is not None and actor.person_id not in (book.offered_by_id, book.officer_id)
        )
        may_do = {"allots": allots, "settles": settles, "offers": offers, "receives": receives}
        reads_cases = may_read_case(actor, book.department)
        return {"book": book, "officers": officers, "reads_cases": reads_cases, **may_do}

    return render_template(
        "ticket_book.html",
        **ask(read),
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/ticket-books/<number:book_id>/<key:name>")
def change_ticket_book(book_id: int, name: str) -> Response | tuple[str, int]:
    """Give it to an officer, give it back, take it in, void leaves, or report them lost."""
    actor = require("read_ticket_books")
    ask(lambda connection: read_book(connection, actor, book_id))
    reason = request.form.get("reason", "")
    try:
        if name == "allot":
            officer = _whole("officer")
            act(lambda connection, _web, who: allot_ticket_book(connection, who, book_id, officer, reason, now()))
            said = say("票据本已发给执法人员")
        elif name == "offer":
            act(lambda connection, _web, who: offer_ticket_book(connection, who, book_id, reason, now()))
            said = say("已提交交回，待清点")
        elif name == "receive":
            counted = ReceiveBook(book_id, _whole("blank"), _whole("first_blank"), reason)
            act(lambda connection, _web, who: receive_ticket_book(connection, who, counted, now()))
            said = say("票据本已收回")
        elif name == "settle":
            command = SettleLeaves(
                book_id,
                request.form.get("status", ""),
                _whole("first"),
                _whole("last"),
                reason,
                request.form.get("both_parts_kept") == "yes",
            )
            count = act(lambda connection, _web, who: settle_leaves(connection, who, command, now()))
            said = say("已登记 %(count)s 份", count=count)
        else:
            raise not_found("该操作", f"act {name} on a ticket book")
    except Refused as refusal:
        if refusal.code == "not_found":
            raise
        return _one_page(book_id, refusal), refusal.status
    return back(url_for("pages.ticket_book", book_id=book_id), said)


def _whole(name: str) -> int:
    found = whole_number(request.form.get(name, ""))
    return found if found is not None and found < 10**9 else 0
