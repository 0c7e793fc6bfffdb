"""Receipts that found no notice by themselves: what they may belong to, and a person's word on it."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.decide_match import ConfirmMatch, DeclineMatch, confirm_match, decline_match
from service.errors import Refused
from service.reads.candidates import CandidateView, read_candidates
from service.reads.treasury import may_read_treasury
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Count, Several, Text, View
from service.web.api.schemas import page_of

endpoints = Endpoints("treasury receipts")
_PLACE = "/treasury-receipts/<number:receipt_id>"


class MatchPart(View):
    pay_code = fields.String()
    case_number = fields.String()
    amount_fen = fields.Integer()


class MatchCandidate(View):
    """`reasons`: payer, amount, item, part, sum (of several notices), together (with `others`), told (by the bank).

    `sure`: one person may confirm it; `proposed_by` has proposed it where two must.
    """

    parts = fields.List(fields.Nested(MatchPart()))
    reasons = fields.List(fields.String())
    days_apart = fields.Integer()
    others = fields.List(fields.String())
    sure = fields.Boolean()
    proposed_by = fields.String(allow_none=True)


class GivenPart(Body):
    pay_code = Text(20, required=True)
    amount_fen = Count(1, 10**13, required=True)


class NewMatch(Body):
    """`parts` as a candidate has them."""

    parts = Several(fields.Nested(GivenPart()), required=True)
    reason = Text(500, required=True)


class NoMatch(Body):
    pay_code = Text(20, required=True)
    reason = Text(500, required=True)


class MatchAnswer(View):
    """`matched` false: another person has to confirm it."""

    matched = fields.Boolean()


@endpoints.get(f"{_PLACE}/candidates", answer=page_of(MatchCandidate()), permission="read_treasury_receipts")
def find_candidates(call: Call, connection: Connection, receipt_id: int) -> Answer:
    """Notices that an unmatched receipt may pay, the likeliest first."""
    if not may_read_treasury(call.actor):
        raise Refused("not_permitted", "您的岗位没有此项权限", "Expected finance, level 2, the centre or an auditor")
    found = read_candidates(connection, call.web.services.calendars.get(connection), receipt_id)
    return Answer({"items": [_told(one) for one in found], "total": len(found), "next": None})


@endpoints.post(
    f"{_PLACE}/match",
    answer=MatchAnswer(),
    body=NewMatch(),
    permission="import_treasury_receipts",
    codes=("not_found",),
)
def match_one_receipt(call: Call, connection: Connection, receipt_id: int) -> Answer:
    """Say which notices a receipt pays; what the bank has not told is booked on the treasury's word."""
    parts = {part["pay_code"]: part["amount_fen"] for part in call.body["parts"]}
    command = ConfirmMatch(receipt_id, parts, call.body["reason"])
    return Answer({"matched": confirm_match(connection, call.web.services, call.actor, command, call.now)})


@endpoints.post(
    f"{_PLACE}/decline",
    answer=None,
    body=NoMatch(),
    status=204,
    permission="import_treasury_receipts",
    codes=("not_found",),
)
def decline_one_receipt(call: Call, connection: Connection, receipt_id: int) -> Answer:
    """Say that a receipt is not a notice's money."""
    command = DeclineMatch(receipt_id, call.body["pay_code"], call.body["reason"])
    decline_match(connection, call.actor, command, call.now)
    return Answer()


def _told(one: CandidateView) -> dict[str, object]:
    parts = [{"pay_code": code, "case_number": number, "amount_fen": fen} for code, number, fen in one.parts]
    about = {name: getattr(one, name) for name in ("reasons", "days_apart", "others", "sure", "proposed_by")}
    return {"parts": parts, **about}
