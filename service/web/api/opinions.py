"""Signers, countersigning and consulting: asking on a task, the answers of a case, and answering what one was asked."""

from __future__ import annotations

from marshmallow import fields, validate
from sqlalchemy import Connection

from service.commands.ask_opinion import MOST_ASKED, AskOpinion, ask_opinion
from service.commands.give_opinion import GiveOpinion, give_opinion
from service.reads.opinions import STATES, list_opinions, opinions_of_case
from service.user_tasks.opinions import ANSWERS, COUNTERSIGN_RULES, SIGNER_WAYS
from service.web.api import schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Instant, Named, Text, View
from service.web.api.moves import LARGEST_ID
from service.web.api.visible import require_task_visible, task_answer, visible_case

endpoints = Endpoints("moves")

_ASKING = (
    "task_taken",
    "case_halted",
    "terminal_shared",
    "case_suspended",
    "case_closed",
    "version_conflict",
    "not_found",
    "separation_of_duty",
    "invalid_request",
)


class People(Body):
    people = fields.List(
        Count(1, LARGEST_ID, required=True),
        required=True,
        validate=validate.Length(min=1, max=MOST_ASKED, error=f"too_large:{MOST_ASKED}"),
        error_messages={"required": "required", "null": "null", "invalid": "invalid"},
    )


class Signers(People):
    way = Choice(*SIGNER_WAYS, required=True)
    reason = Text(500, required=True)


class Countersigners(People):
    rule = Choice(*COUNTERSIGN_RULES, required=True)
    reason = Text(500)


class Consulted(People):
    reason = Text(500, required=True)


class OpinionBody(Body):
    answer = Choice(*ANSWERS, required=True)
    text = Text(1000)


class OpinionQuery(PageQuery):
    state = Choice(*STATES)


class Opinion(View):
    id = fields.Integer()
    person = fields.Nested(schemas.Person)
    answer = fields.String(allow_none=True)
    text = fields.String(allow_none=True)
    answered_at = Instant(allow_none=True)
    lapsed = fields.Boolean()


class Round(View):
    task_id = fields.String()
    step_name = Named()
    way = fields.String()
    rule = fields.String()
    asked_by = fields.Nested(schemas.Person)
    asked_at = Instant()
    question = fields.String()
    result = fields.String(allow_none=True)
    opinions = fields.List(fields.Nested(Opinion))


class Rounds(View):
    items = fields.List(fields.Nested(Round))


class AskedOpinion(View):
    id = fields.Integer()
    case_number = fields.String()
    item_name = Named()
    department_name = Named()
    applicant_name = fields.String()
    step_name = Named()
    way = fields.String()
    rule = fields.String()
    asked_by = fields.Nested(schemas.Person)
    asked_at = Instant()
    question = fields.String()
    answer = fields.String(allow_none=True)
    text = fields.String(allow_none=True)
    answered_at = Instant(allow_none=True)
    readable = fields.Boolean()


class Answered(View):
    case_number = fields.String()


def _ask(call: Call, connection: Connection, command: AskOpinion) -> Answer:
    require_task_visible(call, connection, command.task_id)
    ask_opinion(connection, call.web.services, call.actor, command, call.now)
    return task_answer(call, connection, command.task_id)


@endpoints.post("/user-tasks/<code:task_id>/signers", answer=schemas.Task(), body=Signers(), codes=_ASKING)
def add_signers(call: Call, connection: Connection, task_id: str) -> Answer:
    """Whoever has the task asks others to sign before, beside or after it (加签); signatures count as review."""
    body = call.body
    return _ask(call, connection, AskOpinion(task_id, body["way"], body["people"], body["reason"]))


@endpoints.post("/user-tasks/<code:task_id>/countersign", answer=schemas.Task(), body=Countersigners(), codes=_ASKING)
def countersign(call: Call, connection: Connection, task_id: str) -> Answer:
    """Who decides has it countersigned (会签) by all, by a majority, or unless somebody objects."""
    body = call.body
    command = AskOpinion(task_id, "countersign", body["people"], body.get("reason") or "", body["rule"])
    return _ask(call, connection, command)


@endpoints.post("/user-tasks/<code:task_id>/consult", answer=schemas.Task(), body=Consulted(), codes=_ASKING)
def consult(call: Call, connection: Connection, task_id: str) -> Answer:
    """Who reviews asks others what they think (征求意见); nothing waits for the answers."""
    return _ask(call, connection, AskOpinion(task_id, "consult", call.body["people"], call.body["reason"]))


@endpoints.get("/cases/<code:number>/opinions", answer=Rounds(), codes=("not_found",))
def read_opinions(call: Call, connection: Connection, number: str) -> Answer:
    """Who was asked on the case, and what they said."""
    found = visible_case(call, connection, number)
    return Answer({"items": opinions_of_case(connection, found.row.id)})


@endpoints.get("/opinions", answer=schemas.page_of(AskedOpinion()), query=OpinionQuery())
def find_opinions(call: Call, connection: Connection) -> Answer:
    """What one was asked oneself: what waits for an answer, or what was given."""
    return Answer(list_opinions(connection, call.actor, call.query.get("state") or "open", asked_page(call)))


@endpoints.post(
    "/opinions/<number:opinion_id>",
    answer=Answered(),
    body=OpinionBody(),
    codes=(
        "not_found",
        "move_refused",
        "case_closed",
        "case_halted",
        "terminal_shared",
        "case_suspended",
        "separation_of_duty",
        "invalid_request",
        "version_conflict",
    ),
)
def answer_opinion(call: Call, connection: Connection, opinion_id: int) -> Answer:
    """Sign, or answer what one was asked; what was given stands."""
    command = GiveOpinion(opinion_id, call.body["answer"], call.body.get("text") or "")
    return Answer({"case_number": give_opinion(connection, call.web.services, call.actor, command, call.now)})
