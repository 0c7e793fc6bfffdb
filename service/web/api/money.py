"""The ledger of a case, and a leader's acts on a fine that is owed."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate
from sqlalchemy import Connection

from service.commands.fines import AllowLater, allow_later, decide_surcharge, write_off_fine
from service.commands.propose_fee_change import KINDS, ProposeFeeChange, propose_fee_change
from service.errors import not_found
from service.fees.books import read_books
from service.fees.fines import MOST_PARTS, Part
from service.fees.ledger import Account, Books
from service.reads.case_view import find_case
from service.reads.fines import fine_of_case
from service.web.api import schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Day, GivenDay, Several, Text, View
from service.web.api.visible import case_after_act, case_answer, require_case_visible

endpoints = Endpoints("money")

_MOST_FEN = 10**12
_REFUSED = (
    *("not_found", "not_waiting", "case_closed", "separation_of_duty", "invalid_request", "second_factor_required"),
)


class FineReason(Body):
    reason = Text(500, required=True)


class PartBody(Body):
    due_on = GivenDay(required=True)
    amount_fen = Count(1, _MOST_FEN, required=True)


class LaterBody(FineReason):
    parts = Several(
        fields.Nested(PartBody()),
        required=True,
        validate=validate.Length(max=MOST_PARTS, error=f"too_large:{MOST_PARTS}"),
    )


class LedgerEntry(View):
    kind = fields.String()
    reference = fields.String()
    debit = fields.String()
    credit = fields.String()
    amount_fen = fields.Integer()
    pay_code = fields.String()


class Ledger(View):
    items = fields.List(fields.Nested(LedgerEntry()))
    total = fields.Integer()
    next = fields.String(allow_none=True)
    outstanding_fen = fields.Integer()
    kept_fen = fields.Integer()
    balances = fields.Dict(keys=fields.String(), values=fields.Integer())


@endpoints.get("/cases/<code:number>/ledger", answer=Ledger(), codes=("not_found",))
def read_ledger(call: Call, connection: Connection, number: str) -> Answer:
    """Every entry of the case in the order of posting, and what each account holds."""
    return _ledger(connection, require_case_visible(call, connection, number))


class FeeChangeBody(Body):
    """`pay_code` is that of the notice whose payment goes back; a reduction has none."""

    kind = Choice(*KINDS, required=True)
    amount_fen = Count(1, _MOST_FEN, required=True)
    pay_code = Text(20)
    legal_basis = Text(300, required=True)
    reason = Text(500, required=True)


@endpoints.post(
    "/cases/<code:number>/fee-changes",
    answer=schemas.Case(),
    body=FeeChangeBody(),
    status=201,
    permission="propose_fee_changes",
    codes=("not_found", "invalid_request", "move_refused"),
)
def propose_change(call: Call, connection: Connection, number: str) -> Answer:
    """Propose to reduce the fee or to give money back: opens a case that others review and decide."""
    require_case_visible(call, connection, number)
    body = call.body
    command = ProposeFeeChange(
        number, body["kind"], body["amount_fen"], body["legal_basis"], body["reason"], body.get("pay_code") or ""
    )
    opened = propose_fee_change(connection, call.web.services, call.actor, command, call.now)
    return case_answer(case_after_act(call, connection, opened))


class PlanPart(View):
    due_on = Day()
    last_day = Day(metadata={"description": "The next working day where `due_on` is none (行政处罚法 Art. 85)"})
    amount_fen = fields.Integer()
    paid_fen = fields.Integer()
    state = fields.String(metadata={"enum": ["paid", "open", "missed"]})


class Plan(View):
    parts = fields.List(fields.Nested(PlanPart()))
    reason = fields.String()
    pay_by = Day(allow_none=True)


class Fine(View):
    """`ways`: which acts this person may take now; `surcharge_now_fen`: what a surcharge decided today would add."""

    fine_fen = fields.Integer()
    surcharge_fen = fields.Integer()
    paid_fen = fields.Integer()
    in_hand_fen = fields.Integer(
        metadata={"description": "Taken on the spot and not at the bank yet; the party owes it no more"}
    )
    written_off_fen = fields.Integer()
    outstanding_fen = fields.Integer()
    days_late = fields.Integer()
    surcharge_now_fen = fields.Integer()
    plan = fields.Nested(Plan(), allow_none=True)
    ways = fields.List(fields.String(metadata={"enum": ["defer", "surcharge", "write_off"]}))


@endpoints.get("/cases/<code:number>/fine", answer=Fine(), codes=("not_found",))
def read_fine(call: Call, connection: Connection, number: str) -> Answer:
    """How the fine stands: what is owed, the plan of later payment with its missed parts, what is late."""
    require_case_visible(call, connection, number)
    services = call.web.services
    found = find_case(connection, services, call.actor, number)
    calendar = services.calendars.get(connection)
    today = calendar.local_date(call.now)
    fine = fine_of_case(connection, call.actor, found, calendar, today) if found is not None else None
    if fine is None:
        raise not_found("本件的罚款", f"a fine on case {number}")
    return Answer(fine)


@endpoints.post("/cases/<code:number>/fine/deferral", answer=Ledger(), body=LaterBody(), codes=_REFUSED)
def defer(call: Call, connection: Connection, number: str) -> Answer:
    """Later payment of what is owed, in one part or several (延期、分期缴纳, 行政处罚法 Art. 66)."""
    case_id = require_case_visible(call, connection, number)
    parts = [Part(one["due_on"], one["amount_fen"]) for one in call.body["parts"]]
    allow_later(connection, call.web.services, call.actor, AllowLater(number, parts, call.body["reason"]), call.now)
    return _ledger(connection, case_id)


@endpoints.post("/cases/<code:number>/fine/surcharge", answer=Ledger(), body=FineReason(), codes=_REFUSED)
def add_surcharge(call: Call, connection: Connection, number: str) -> Answer:
    """加处罚款 up to today: 3 % of the fine a day, never more than the fine (行政处罚法 Art. 72), with its notice."""
    case_id = require_case_visible(call, connection, number)
    decide_surcharge(connection, call.web.services, call.actor, number, call.body["reason"], call.now)
    return _ledger(connection, case_id)


@endpoints.post("/cases/<code:number>/fine/write-off", answer=Ledger(), body=FineReason(), codes=_REFUSED)
def write_off(call: Call, connection: Connection, number: str) -> Answer:
    """Give up what nobody can collect (核销)."""
    case_id = require_case_visible(call, connection, number)
    write_off_fine(connection, call.web.services, call.actor, number, call.body["reason"], call.now)
    return _ledger(connection, case_id)


def _ledger(connection: Connection, case_id: int) -> Answer:
    return Answer(_view(read_books(connection, case_id)))


def _view(books: Books) -> dict[str, Any]:
    return {
        "items": books.entries,
        "total": len(books.entries),
        "next": None,
        "outstanding_fen": books.outstanding,
        "kept_fen": books.kept,
        "balances": {account.value: books.balance(account) for account in Account},
    }
