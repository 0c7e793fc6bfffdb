"""当场收缴的罚款: who has the money, and its way to the organ and to the bank (行政处罚法 Art. 71)."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.cash import offer_cash, receive_cash, remit_cash
from service.errors import not_found
from service.reads.cash import list_cash, next_ticket_of, public_ticket, ticket_of_number
from service.web.api import schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Instant, Named, Query, Text, View
from service.web.api.ticket_books import LeafSchema
from service.web.api.visible import require_case_visible

endpoints = Endpoints("fine tickets")
_MOST_FEN = 10**12
_REFUSED = ("not_found", "not_waiting", "case_closed", "case_halted", "separation_of_duty")


class CashQuery(PageQuery):
    view = Choice("in_hand", "banked")


class NextTicketSchema(View):
    number = fields.String(allow_none=True, metadata={"description": "None without a blank leaf in one's hands"})


class CountedBody(Body):
    amount_fen = Count(1, _MOST_FEN, required=True)


class TicketQuery(Query):
    number = Text(40, required=True)


class PublicTicketSchema(View):
    number = fields.String()
    department_name = Named(attribute="department")
    status = fields.String(metadata={"enum": ["blank", "used", "void", "lost"]})
    amount_fen = fields.Integer(allow_none=True)
    taken_at = Instant(allow_none=True)


@endpoints.get("/fine-tickets", answer=schemas.page_of(LeafSchema()), query=CashQuery(), permission="read_ticket_books")
def find_fine_tickets(call: Call, connection: Connection) -> Answer:
    """Tickets whose money is not at the bank yet, or those that are done; an officer sees his own."""
    in_hand = call.query.get("view") != "banked"
    return Answer(list_cash(connection, call.actor, asked_page(call), in_hand=in_hand))


@endpoints.get("/fine-tickets/next", answer=NextTicketSchema(), permission="use_ticket_books")
def read_next_ticket(call: Call, connection: Connection) -> Answer:
    """The number that the officer has to use next."""
    return Answer({"number": next_ticket_of(connection, call.actor)})


@endpoints.post("/cases/<code:number>/cash/offer", answer=LeafSchema(), permission="use_ticket_books", codes=_REFUSED)
def offer_money(call: Call, connection: Connection, number: str) -> Answer:
    """The officer brings what he has taken on the spot to the cashier."""
    case_id = require_case_visible(call, connection, number)
    offer_cash(connection, call.web.services, call.actor, number, call.now)
    return Answer(ticket_of_number(connection, case_id))


@endpoints.post(
    "/cases/<code:number>/cash/receive",
    answer=LeafSchema(),
    body=CountedBody(),
    permission="receive_cash",
    codes=(*_REFUSED, "invalid_request"),
)
def receive_money(call: Call, connection: Connection, number: str) -> Answer:
    """The cashier has counted it; the amount is the ticket's."""
    case_id = require_case_visible(call, connection, number)
    receive_cash(connection, call.web.services, call.actor, number, call.body["amount_fen"], call.now)
    return Answer(ticket_of_number(connection, case_id))


@endpoints.post("/cases/<code:number>/cash/remit", answer=LeafSchema(), permission="receive_cash", codes=_REFUSED)
def remit_money(call: Call, connection: Connection, number: str) -> Answer:
    """A payment code by which the organ pays it into the bank; the bank alone says that it has it."""
    case_id = require_case_visible(call, connection, number)
    remit_cash(connection, call.web.services, call.actor, number, call.now)
    return Answer(ticket_of_number(connection, case_id))


@endpoints.get(
    "/public/fine-tickets",
    answer=PublicTicketSchema(),
    query=TicketQuery(),
    public=True,
    codes=("not_found", "invalid_request"),
)
def check_fine_ticket(call: Call, connection: Connection) -> Answer:
    """Whether a ticket for a fine is genuine, and over how much it was used."""
    found = public_ticket(connection, call.query["number"])
    if found is None:
        raise not_found("该票据", f"ticket {call.query['number']}")
    return Answer(found)
