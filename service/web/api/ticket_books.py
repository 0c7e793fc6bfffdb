"""罚款专用票据: books of numbered tickets, and what became of each number (行政处罚法 Art. 70)."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.return_ticket_book import ReceiveBook, offer_ticket_book, receive_ticket_book
from service.commands.ticket_books import (
    RegisterBook,
    SettleLeaves,
    allot_ticket_book,
    register_ticket_book,
    settle_leaves,
)
from service.fees.tickets import LARGEST_SERIAL, LONGEST_SERIES, LOST, STATUSES, VOID
from service.reads.tickets import list_books, read_book
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Instant, Named, Text, View
from service.web.api.schemas import page_of

endpoints = Endpoints("fine tickets")
_PLACES = ("", "officer", "offered", "organ", "ordered", "bank")


class LeavesSchema(View):
    used = fields.Integer()
    void = fields.Integer()
    lost = fields.Integer()
    blank = fields.Integer()
    amount_fen = fields.Integer()


class LeafSchema(View):
    number = fields.String()
    serial = fields.Integer()
    status = fields.String(metadata={"enum": list(STATUSES)})
    place = fields.String(metadata={"enum": list(_PLACES), "description": "Where the money is"})
    department = fields.String()
    case_number = fields.String(allow_none=True)
    party = fields.String(allow_none=True)
    amount_fen = fields.Integer(allow_none=True)
    ground = fields.String(allow_none=True)
    taken_by = fields.String(allow_none=True)
    taken_at = Instant(allow_none=True)
    hand_over_by = Instant(allow_none=True)
    received_by = fields.String(allow_none=True)
    received_at = Instant(allow_none=True)
    bank_by = Instant(allow_none=True)
    pay_code = fields.String(allow_none=True)
    banked_at = Instant(allow_none=True)
    settled_by = fields.String(allow_none=True)
    settled_at = Instant(allow_none=True)
    settled_reason = fields.String(allow_none=True)
    skipped = fields.Boolean(metadata={"description": "Blank although a later leaf was used"})


class BookRowSchema(View):
    id = fields.Integer()
    series = fields.String()
    first = fields.Integer()
    last = fields.Integer()
    department = fields.String()
    department_name = Named()
    registered_by = fields.String()
    registered_at = Instant()
    officer_id = fields.Integer(allow_none=True)
    officer = fields.String(allow_none=True)
    allotted_at = Instant(allow_none=True)
    offered_by = fields.String(allow_none=True)
    offered_at = Instant(allow_none=True)
    leaves = fields.Nested(LeavesSchema)


class TicketBookSchema(BookRowSchema):
    numbers = fields.List(fields.Nested(LeafSchema))


class NewBookSchema(Body):
    series = Text(LONGEST_SERIES, required=True)
    first = Count(1, LARGEST_SERIAL, required=True)
    last = Count(1, LARGEST_SERIAL, required=True)
    department = Text(16, required=True)
    reason = Text(500, required=True)


class AllotSchema(Body):
    officer = Count(1, 2**53 - 1, required=True)
    reason = Text(500, required=True)


class OfferSchema(Body):
    reason = Text(500, required=True)


class ReceiveSchema(Body):
    """What was counted: `first_blank` is the number of the first blank leaf, 0 where none is."""

    blank = Count(0, LARGEST_SERIAL, required=True)
    first_blank = Count(0, LARGEST_SERIAL, required=True)
    reason = Text(500, required=True)


class SettleSchema(Body):
    """Blank leaves among these numbers. A void one asks that both parts are kept."""

    status = Choice(VOID, LOST, required=True)
    first = Count(1, LARGEST_SERIAL, required=True)
    last = Count(1, LARGEST_SERIAL, required=True)
    reason = Text(500, required=True)
    both_parts_kept = fields.Boolean(load_default=False)


_PAGE = page_of(BookRowSchema())


@endpoints.get("/ticket-books", answer=_PAGE, query=PageQuery(), permission="read_ticket_books")
def find_ticket_books(call: Call, connection: Connection) -> Answer:
    """Books of tickets that the person sees, the newest first."""
    return Answer(list_books(connection, call.actor, asked_page(call)))


@endpoints.post(
    "/ticket-books",
    answer=TicketBookSchema(),
    body=NewBookSchema(),
    status=201,
    permission="register_ticket_books",
    codes=("not_permitted", "invalid_request"),
)
def add_ticket_book(call: Call, connection: Connection) -> Answer:
    """Finance has issued a book to a department: its numbers are accounted for from now on."""
    body = call.body
    command = RegisterBook(body["series"], body["first"], body["last"], body["department"], body["reason"])
    return Answer(read_book(connection, call.actor, register_ticket_book(connection, call.actor, command, call.now)))


@endpoints.get(
    "/ticket-books/<number:book_id>",
    answer=TicketBookSchema(),
    permission="read_ticket_books",
    codes=("not_found",),
)
def read_ticket_book(call: Call, connection: Connection, book_id: int) -> Answer:
    """A book with what became of each number."""
    return Answer(read_book(connection, call.actor, book_id))


@endpoints.post(
    "/ticket-books/<number:book_id>/allot",
    answer=TicketBookSchema(),
    body=AllotSchema(),
    permission="allot_ticket_books",
    codes=("not_permitted", "not_found", "invalid_request"),
)
def allot_one_book(call: Call, connection: Connection, book_id: int) -> Answer:
    """The department gives the book to one of its officers."""
    read_book(connection, call.actor, book_id)
    allot_ticket_book(connection, call.actor, book_id, call.body["officer"], call.body["reason"], call.now)
    return Answer(read_book(connection, call.actor, book_id))


@endpoints.post(
    "/ticket-books/<number:book_id>/offer",
    answer=TicketBookSchema(),
    body=OfferSchema(),
    permission="read_ticket_books",
    codes=("not_permitted", "not_found", "invalid_request"),
)
def offer_one_book(call: Call, connection: Connection, book_id: int) -> Answer:
    """Who has the book gives it back; the cashier or a head of section for one who cannot."""
    read_book(connection, call.actor, book_id)
    offer_ticket_book(connection, call.actor, book_id, call.body["reason"], call.now)
    return Answer(read_book(connection, call.actor, book_id))


@endpoints.post(
    "/ticket-books/<number:book_id>/receive",
    answer=TicketBookSchema(),
    body=ReceiveSchema(),
    permission="allot_ticket_books",
    codes=("not_permitted", "not_found", "invalid_request"),
)
def receive_one_book(call: Call, connection: Connection, book_id: int) -> Answer:
    """Another person counts the blank leaves and takes the book in."""
    read_book(connection, call.actor, book_id)
    counted = call.body["blank"], call.body["first_blank"]
    receive_ticket_book(connection, call.actor, ReceiveBook(book_id, *counted, call.body["reason"]), call.now)
    return Answer(read_book(connection, call.actor, book_id))


@endpoints.post(
    "/ticket-books/<number:book_id>/settle",
    answer=TicketBookSchema(),
    body=SettleSchema(),
    permission="read_ticket_books",
    codes=("not_permitted", "not_found", "invalid_request", "ticket_refused"),
)
def settle_some_leaves(call: Call, connection: Connection, book_id: int) -> Answer:
    """Void blank leaves, with both parts kept, or report them lost."""
    body = call.body
    read_book(connection, call.actor, book_id)
    numbers = body["first"], body["last"]
    command = SettleLeaves(book_id, body["status"], *numbers, body["reason"], body["both_parts_kept"])
    settle_leaves(connection, call.actor, command, call.now)
    return Answer(read_book(connection, call.actor, book_id))
