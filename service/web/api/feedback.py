"""Ratings and complaints: the public gives them with a case's secret, the office answers."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.hear_public import (
    KINDS,
    MOST_STARS,
    AnswerFeedback,
    GiveFeedback,
    answer_feedback,
    give_feedback,
)
from service.errors import Refused, not_found
from service.reads.feedback import FeedbackFilter, list_feedback, read_feedback
from service.reads.visibility import departments_of_feedback
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Instant, Text, View
from service.web.api.public import find_public_case
from service.web.api.schemas import page_of

endpoints = Endpoints("feedback")


class GivenFeedback(Body):
    """`stars` of a rating; a complaint says in `text` what it is about."""

    kind = Choice(*KINDS, required=True)
    stars = Count(1, MOST_STARS)
    text = Text(1000)
    secret = Text(64, required=True)


class TakenFeedback(View):
    id = fields.Integer()
    kind = fields.String()


@endpoints.post(
    "/public/cases/<code:number>/feedback",
    answer=TakenFeedback(),
    status=201,
    body=GivenFeedback(),
    public=True,
    codes=("not_found", "move_refused", "invalid_request", "rate_limited"),
)
def give_public_feedback(call: Call, connection: Connection, number: str) -> Answer:
    """Rate a case once, or complain of it, with its secret."""
    body = call.body
    find_public_case(call, connection, number, body["secret"])
    command = GiveFeedback(number, body["kind"], body.get("stars"), body.get("text") or "")
    return Answer({"id": give_feedback(connection, call.web.services, command, call.now), "kind": body["kind"]})


class Feedback(View):
    """`founded`: whether a complaint was found to be right, once it is answered."""

    id = fields.Integer()
    kind = fields.String(metadata={"enum": list(KINDS)})
    case_number = fields.String(allow_none=True)
    department = fields.String()
    stars = fields.Integer(allow_none=True)
    text = fields.String()
    given_at = Instant()
    answer = fields.String(allow_none=True)
    founded = fields.Boolean(allow_none=True)
    answered_at = Instant(allow_none=True)
    answered_by = fields.String(allow_none=True)


_PAGE = page_of(Feedback())


class FeedbackQuery(PageQuery):
    kind = Choice(*KINDS)
    department = Text(16)
    answered = Choice("no")


@endpoints.get("/feedback", answer=_PAGE, query=FeedbackQuery(), codes=("not_permitted",))
def find_feedback(call: Call, connection: Connection) -> Answer:
    """What the public has said of the departments that the person leads or supervises, the newest first."""
    if departments_of_feedback(call.actor) == frozenset():
        raise Refused("not_permitted", "您的岗位不能查看评价投诉", "Expected a leader or a supervisor")
    wanted = FeedbackFilter(call.query.get("kind"), call.query.get("department"), call.query.get("answered") == "no")
    return Answer(list_feedback(connection, call.actor, wanted, asked_page(call)))


class FeedbackAnswer(Body):
    """`founded` must be given for a complaint."""

    answer = Text(1000, required=True)
    founded = Choice("yes", "no")


@endpoints.post(
    "/feedback/<number:feedback_id>/answer",
    answer=Feedback(),
    body=FeedbackAnswer(),
    codes=("not_found", "separation_of_duty", "move_refused", "invalid_request"),
)
def answer_one_feedback(call: Call, connection: Connection, feedback_id: int) -> Answer:
    """Answer a rating or a complaint once; who has handled the case does not."""
    given = call.body.get("founded")
    command = AnswerFeedback(feedback_id, call.body["answer"], None if given is None else given == "yes")
    answer_feedback(connection, call.web.services, call.actor, command, call.now)
    found = read_feedback(connection, call.actor, feedback_id)
    if found is None:
        raise not_found("该评价", f"feedback {feedback_id}")
    return Answer(found)
