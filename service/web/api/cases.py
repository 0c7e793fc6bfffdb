"""Cases: start one, find them, read one with its history and fees, take in what the applicant answers."""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.enter_from_paper import PaperReceipt
from service.commands.receive_message import ReceiveMessage, receive_message
from service.commands.start_case import StartCase, start_case
from service.commands.take_payment import make_payment_notice
from service.reads.case_list import STATUSES, CaseFilter, list_cases, list_events
from service.reads.case_parts import CaseFees, fees_of_case, read_notice
from service.reads.paging import MOST_ROWS
from service.reads.reversals import reversals_of_case
from service.web.api import schemas
from service.web.api.applicants import ApplicantBody, applicant_of
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Answers, Body, Choice, GivenInstant, Text
from service.web.api.visible import (
    case_after_act,
    case_answer,
    require_case_visible,
    unstaffed_steps,
    visible_case,
    whole_case,
)

endpoints = Endpoints("cases")


class PaperReceiptBody(Body):
    """As it stands on the paper."""

    number = Text(40, required=True)
    received_at = GivenInstant(required=True)


class NewCase(Body):
    power_item = Text(40, required=True)
    # None where nobody applies at a window: the answers then say whom the case is about.
    applicant = fields.Nested(ApplicantBody(), load_default=None, allow_none=True)
    agent = fields.Nested(ApplicantBody(only=("name", "id_number", "mobile")), load_default=None, allow_none=True)
    answers = Answers()
    # The receipt on which it was taken in during a declared outage (停机补录).
    paper_receipt = fields.Nested(PaperReceiptBody(), load_default=None, allow_none=True)


class CaseQuery(PageQuery):
    status = Choice(*STATUSES)
    power_item = Text(40)
    department = Text(16)
    q = Text(100)


class Message(Body):
    kind = Choice("correction", "statement", "objection", "completion", "milestone_report", required=True)
    answers = Answers()


@endpoints.post(
    "/cases",
    answer=schemas.Case(),
    body=NewCase(),
    status=201,
    codes=("invalid_answers", "control_node_missing", "not_found", "receipt_refused"),
)
def create_case(call: Call, connection: Connection) -> Answer:
    """Start a case at the window, or of the office's own motion: the first form is checked, its step counts as done."""
    body = call.body
    given = body["applicant"]
    applicant = applicant_of(given, body["agent"], call) if given is not None else None
    on_paper = body["paper_receipt"]
    paper = PaperReceipt(on_paper["number"], on_paper["received_at"]) if on_paper is not None else None
    command = StartCase(body["power_item"], applicant, body["answers"], paper)
    started = start_case(connection, call.web.services, call.actor, command, call.now)
    view = case_after_act(call, connection, started.case_number)
    return Answer(view, version=view.version, headers={"Location": f"/api/v1/cases/{started.case_number}"})


@endpoints.get("/cases", answer=schemas.page_of(schemas.CaseRow()), query=CaseQuery())
def find_cases(call: Call, connection: Connection) -> Answer:
    """Cases of the departments that the person reads, the newest first."""
    query = call.query
    wanted = CaseFilter(query.get("status"), query.get("power_item"), query.get("department"), query.get("q"))
    return Answer(list_cases(connection, call.actor, wanted, asked_page(call)))


@endpoints.get("/cases/<code:number>", answer=schemas.Case(), codes=("not_found",))
def read_one_case(call: Call, connection: Connection, number: str) -> Answer:
    """One case with all that hangs on it."""
    return case_answer(whole_case(call, connection, number))


@endpoints.get(
    "/cases/<code:number>/history",
    answer=schemas.page_of(schemas.Event()),
    query=PageQuery(),
    codes=("not_found",),
)
def read_history(call: Call, connection: Connection, number: str) -> Answer:
    """The events of a case in their order, chained by their hashes."""
    found = visible_case(call, connection, number)
    return Answer(list_events(connection, found.row.id, asked_page(call, usual=MOST_ROWS)))


@endpoints.get("/cases/<code:number>/fees", answer=schemas.Fees(), codes=("not_found",))
def read_fees(call: Call, connection: Connection, number: str) -> Answer:
    """What the standard asks of this case, and the payment notices made for it."""
    found = visible_case(call, connection, number)
    fees = fees_view(fees_of_case(connection, found.row.id, found.item, found.values))
    return Answer({**fees, "reversals": reversals_of_case(connection, found.row.id)})


def fees_view(fees: CaseFees) -> dict[str, Any]:
    return {
        "items": fees.lines,
        "total": len(fees.lines),
        "next": None,
        "amount_fen": fees.amount_fen,
        "settled": fees.settled,
        "notices": fees.notices,
    }


def _notice_again(_call: Call, connection: Connection, answer: Answer) -> Answer:
    """The bank has told the address where the payer pays, if it was reached."""
    return Answer(read_notice(connection, answer.value.id))


@endpoints.post(
    "/cases/<code:number>/payment-notices",
    answer=schemas.PaymentNotice(),
    status=201,
    late=_notice_again,
    late_kinds=frozenset({"bank_notice"}),
    codes=("not_found", "not_waiting", "case_closed"),
)
def create_payment_notice(call: Call, connection: Connection, number: str) -> Answer:
    """Make the payment notice of a case, or give the one that stands; its amount is the standard's."""
    require_case_visible(call, connection, number)
    notice_id = make_payment_notice(connection, call.web.services, call.actor, number, call.now)
    return Answer(read_notice(connection, notice_id))


@endpoints.post(
    "/cases/<code:number>/messages",
    answer=schemas.Case(),
    body=Message(),
    codes=("not_waiting", "invalid_answers", "control_node_missing", "case_halted", "case_closed", "not_found"),
)
def enter_message(call: Call, connection: Connection, number: str) -> Answer:
    """The applicant's or a party's answer to a waiting step, entered at the window."""
    require_case_visible(call, connection, number)
    command = ReceiveMessage(number, call.body["kind"], call.body["answers"])
    receive_message(connection, call.web.services, call.actor, command, call.now)
    return case_answer(case_after_act(call, connection, number))


@endpoints.get("/cases/<code:number>/unstaffed-steps", answer=schemas.UnstaffedSteps(), codes=("not_found",))
def read_unstaffed_steps(call: Call, connection: Connection, number: str) -> Answer:
    """The steps, open or to come, that nobody could do as posts are held now (无人可办)."""
    require_case_visible(call, connection, number)
    found = unstaffed_steps(call, connection, number)
    return Answer({"items": found, "total": len(found), "next": None})
