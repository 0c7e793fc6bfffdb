"""Payments that belong to no notice."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.unmatched import settle_unmatched
from service.errors import Refused
from service.reads.unmatched import list_unmatched, may_read_unmatched
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Instant, Text, View
from service.web.api.schemas import page_of

endpoints = Endpoints("unmatched payments")


class UnmatchedQuery(PageQuery):
    status = Choice("open", "settled")


class Ground(Body):
    ground = Text(500, required=True)


class UnmatchedPayment(View):
    id = fields.Integer()
    pay_code = fields.String()
    bank_reference = fields.String()
    amount_fen = fields.Integer()
    paid_at = Instant()
    received_at = Instant()
    why = fields.String()
    case_number = fields.String(allow_none=True)
    department = fields.String(allow_none=True)
    status = fields.String()
    settled_at = Instant(allow_none=True)
    settled_by = fields.String(allow_none=True)
    ground = fields.String(allow_none=True)


@endpoints.get(
    "/unmatched-payments", answer=page_of(UnmatchedPayment()), query=UnmatchedQuery(), codes=("not_permitted",)
)
def find_unmatched(call: Call, connection: Connection) -> Answer:
    """Money that the bank took and that no payment notice waits for, the newest first."""
    if not may_read_unmatched(call.actor):
        raise Refused("not_permitted", "您的岗位没有此项权限", "Expected a cashier or an administrator")
    return Answer(list_unmatched(connection, call.actor, call.query.get("status"), asked_page(call)))


@endpoints.post(
    "/unmatched-payments/<number:payment_id>/settle",
    answer=None,
    body=Ground(),
    status=204,
    permission="settle_unmatched_payments",
    codes=("not_found",),
)
def settle_payment(call: Call, connection: Connection, payment_id: int) -> Answer:
    """Say what became of it."""
    settle_unmatched(connection, call.actor, payment_id, call.body["ground"], call.now)
    return Answer()
