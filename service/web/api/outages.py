"""停机补录: declared outages, and the blocks of numbered paper receipts that serve them."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.declare_outage import (
    DeclareOutage,
    declare_outage,
    end_outage,
    lengthen_outage,
    object_to_outage,
)
from service.commands.paper_receipts import PrintReceipts, VoidReceipts, note_sheets, print_receipts, void_receipts
from service.errors import not_found
from service.outages.receipts import MOST_IN_BLOCK
from service.outages.span import STATES
from service.reads.outages import (
    list_blocks,
    list_outages,
    public_outages,
    public_receipt,
    read_block,
    read_outage,
)
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, GivenInstant, Instant, Named, Several, Text, View
from service.web.api.office import Why
from service.web.api.schemas import page_of
from service.web.guards import SECRET_OF_ADDRESS
from service.web.receipt_sheets import sheets_of
from service.web.request import client_address

endpoints = Endpoints("outages")
_LARGEST_SERIAL = 999_999
_STATUSES = ("blank", "entered", "void", "missing")


class Counts(View):
    entered = fields.Integer()
    void = fields.Integer()
    blank = fields.Integer()
    missing = fields.Integer(metadata={"description": "Neither entered nor voided though their time is over"})


class PublicOutage(View):
    number = fields.String()
    departments = fields.List(fields.String(), metadata={"description": "None is the whole county"})
    starts_at = Instant()
    ends_at = Instant()
    enter_by = Instant()
    reason = fields.String()
    state = fields.String(metadata={"enum": list(STATES)})


class OutageSchema(PublicOutage):
    id = fields.Integer()
    declared_by = fields.String()
    declared_at = Instant()
    acts_at_declaration = fields.Integer(
        metadata={"description": "What the departments did in the system within its time, as known at its declaration"}
    )
    acts_at_end = fields.Integer(allow_none=True)
    ended_by = fields.String(allow_none=True)
    ended_at = Instant(allow_none=True)
    objected_by = fields.String(allow_none=True)
    objected_at = Instant(allow_none=True)
    objection = fields.String(allow_none=True)
    receipts = fields.Nested(Counts)


class ReceiptSchema(View):
    number = fields.String()
    serial = fields.Integer()
    status = fields.String(metadata={"enum": list(_STATUSES)})
    case_number = fields.String(allow_none=True)
    received_at = Instant(allow_none=True)
    entered_at = Instant(allow_none=True)
    entered_by = fields.String(allow_none=True)
    voided_at = Instant(allow_none=True)
    voided_by = fields.String(allow_none=True)
    void_reason = fields.String(allow_none=True)


class BlockRow(View):
    id = fields.Integer()
    department = fields.String()
    department_name = Named()
    place = fields.String()
    year = fields.Integer()
    first = fields.Integer()
    last = fields.Integer()
    printed_by = fields.String()
    printed_at = Instant()
    outage_id = fields.Integer(allow_none=True)
    outage = fields.String(allow_none=True)
    receipts = fields.Nested(Counts)


class BlockSchema(BlockRow):
    numbers = fields.List(fields.Nested(ReceiptSchema))


class PublicReceiptSchema(View):
    number = fields.String()
    department_name = Named()
    printed_at = Instant()
    status = fields.String(metadata={"enum": ["blank", "entered", "void"]})
    entered_at = Instant(allow_none=True)


class NewOutage(Body):
    """No departments is the whole county; `ends_at` is when it is expected to be over."""

    departments = Several(Text(16, required=True), load_default=list)
    starts_at = GivenInstant(required=True)
    ends_at = GivenInstant(required=True)
    reason = Text(500, required=True)


class Longer(Body):
    ends_at = GivenInstant(required=True)
    reason = Text(500, required=True)


class TheEnd(Body):
    """`at` is when the system was back, where that was before now."""

    at = GivenInstant()
    reason = Text(500, required=True)


class NewBlock(Body):
    department = Text(16, required=True)
    count = Count(1, MOST_IN_BLOCK, required=True)
    place = Text(80)
    reason = Text(500, required=True)


class ToVoid(Body):
    """Running numbers of the block; the blank ones among them came back unused."""

    first = Count(1, _LARGEST_SERIAL, required=True)
    last = Count(1, _LARGEST_SERIAL, required=True)
    reason = Text(500, required=True)


class BlockQuery(PageQuery):
    outage = Count(1, 2**53 - 1)


class ToPrint(Body):
    """The reason is asked for once the sheets have been printed."""

    lang = Choice("zh-CN", "en")
    reason = Text(500)


@endpoints.get("/outages", answer=page_of(OutageSchema()), query=PageQuery(), permission="read_outages")
def find_outages(call: Call, connection: Connection) -> Answer:
    """Declared outages, the newest first."""
    return Answer(list_outages(connection, call.now, asked_page(call)))


@endpoints.post(
    "/outages",
    answer=OutageSchema(),
    body=NewOutage(),
    status=201,
    permission="declare_outages",
    second_factor=True,
    codes=("invalid_request",),
)
def add_outage(call: Call, connection: Connection) -> Answer:
    """Declare an outage; supervision is told, with what was done in the system within its time."""
    body = call.body
    command = DeclareOutage(body["departments"], body["starts_at"], body["ends_at"], body["reason"])
    outage_id = declare_outage(connection, call.web.services, call.actor, command, call.now)
    return Answer(read_outage(connection, outage_id, call.now))


@endpoints.get("/outages/<number:outage_id>", answer=OutageSchema(), permission="read_outages", codes=("not_found",))
def read_one_outage(call: Call, connection: Connection, outage_id: int) -> Answer:
    """One declared outage, with what became of its receipts."""
    return Answer(read_outage(connection, outage_id, call.now))


@endpoints.post(
    "/outages/<number:outage_id>/lengthen",
    answer=OutageSchema(),
    body=Longer(),
    permission="declare_outages",
    second_factor=True,
    codes=("invalid_request", "not_found", "outage_over"),
)
def make_outage_longer(call: Call, connection: Connection, outage_id: int) -> Answer:
    """It takes longer than expected."""
    body = call.body
    lengthen_outage(connection, call.web.services, call.actor, outage_id, body["ends_at"], body["reason"], call.now)
    return Answer(read_outage(connection, outage_id, call.now))


@endpoints.post(
    "/outages/<number:outage_id>/end",
    answer=OutageSchema(),
    body=TheEnd(),
    permission="declare_outages",
    codes=("invalid_request", "not_found", "outage_over"),
)
def make_outage_end(call: Call, connection: Connection, outage_id: int) -> Answer:
    """It is over, now or since the instant that is given; one that has not begun is called off."""
    body = call.body
    end_outage(connection, call.web.services, call.actor, outage_id, body["reason"], call.now, at=body.get("at"))
    return Answer(read_outage(connection, outage_id, call.now))


@endpoints.post(
    "/outages/<number:outage_id>/object",
    answer=OutageSchema(),
    body=Why(),
    permission="object_to_outages",
    codes=("not_found", "outage_over", "invalid_request"),
)
def object_to_one(call: Call, connection: Connection, outage_id: int) -> Answer:
    """A supervisor does not believe it: what is entered by it raises the alarm of back-filling."""
    object_to_outage(connection, call.web.services, call.actor, outage_id, call.body["reason"], call.now)
    return Answer(read_outage(connection, outage_id, call.now))


@endpoints.get("/paper-receipt-blocks", answer=page_of(BlockRow()), query=BlockQuery(), permission="read_outages")
def find_blocks(call: Call, connection: Connection) -> Answer:
    """Blocks of paper receipts of the departments that the person sees, the newest first."""
    wanted = call.query.get("outage")
    return Answer(list_blocks(connection, call.actor, call.now, outage_id=wanted, asked=asked_page(call)))


@endpoints.post(
    "/paper-receipt-blocks",
    answer=BlockSchema(),
    body=NewBlock(),
    status=201,
    permission="print_paper_receipts",
    codes=("not_permitted", "invalid_request", "not_found"),
)
def add_block(call: Call, connection: Connection) -> Answer:
    """New numbers, one after the other; they serve the next outage that is declared."""
    body = call.body
    command = PrintReceipts(body["department"], body["count"], body.get("place") or "", body["reason"])
    block_id = print_receipts(connection, call.web.services, call.actor, command, call.now)
    return _with_numbers(call, connection, block_id)


@endpoints.get(
    "/paper-receipt-blocks/<number:block_id>", answer=BlockSchema(), permission="read_outages", codes=("not_found",)
)
def read_one_block(call: Call, connection: Connection, block_id: int) -> Answer:
    """A block with what became of each number."""
    return _with_numbers(call, connection, block_id)


@endpoints.post(
    "/paper-receipt-blocks/<number:block_id>/paper",
    answer=None,
    body=ToPrint(),
    permission="print_paper_receipts",
    codes=("not_permitted", "not_found", "invalid_request"),
    produces="application/pdf",
)
def print_sheets(call: Call, connection: Connection, block_id: int) -> Answer:
    """The sheets to print: one for each number that is still blank; again with the reason alone."""
    block = read_block(connection, call.actor, block_id, call.now)
    content = sheets_of(block, call.web.services.settings.public_url, call.body.get("lang") or "zh-CN")
    note_sheets(connection, call.actor, block_id, call.body.get("reason") or "", call.now)
    headers = {"Content-Disposition": f'inline; filename="receipts-{block.id}.pdf"'}
    return Answer(content, content_type="application/pdf", headers=headers)


@endpoints.post(
    "/paper-receipt-blocks/<number:block_id>/void",
    answer=BlockSchema(),
    body=ToVoid(),
    permission="void_paper_receipts",
    codes=("not_permitted", "not_found", "invalid_request"),
)
def void_numbers(call: Call, connection: Connection, block_id: int) -> Answer:
    """After the outage: these numbers came back unused."""
    body = call.body
    read_block(connection, call.actor, block_id, call.now)
    void_receipts(connection, call.actor, VoidReceipts(block_id, body["first"], body["last"], body["reason"]), call.now)
    return _with_numbers(call, connection, block_id)


@endpoints.get("/public/outages", answer=page_of(PublicOutage()), public=True)
def announced_outages(call: Call, connection: Connection) -> Answer:
    """Outages that are announced, go on, or whose receipts are being entered."""
    found = public_outages(connection, call.now)
    return Answer({"items": found, "total": len(found), "next": None})


@endpoints.get(
    "/public/paper-receipts/<code:number>",
    answer=PublicReceiptSchema(),
    public=True,
    codes=("not_found", "rate_limited"),
)
def check_receipt(call: Call, connection: Connection, number: str) -> Answer:
    """Whether a paper receipt is genuine, and whether it was entered."""
    key = (SECRET_OF_ADDRESS, f"receipt/{client_address()}")
    call.web.guards.require(key)
    found = public_receipt(connection, number)
    if found is None:
        call.web.guards.failed(key)
        raise not_found("该收件凭证", f"paper receipt {number}")
    return Answer(found)


def _with_numbers(call: Call, connection: Connection, block_id: int) -> Answer:
    return Answer(read_block(connection, call.actor, block_id, call.now))
