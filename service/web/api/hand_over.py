"""Work in hand and its hand-over (交接), posts that end, people who leave."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.hand_over_work import HandOverWork, hand_over_work, require_may_hand_over
from service.commands.leaving import deactivate_person, withdraw_post
from service.errors import not_found
from service.reads.held_things import held_things
from service.reads.open_work import work_in_hand
from service.reads.people import PersonView, read_person
from service.web.api import other_schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Count, Instant, Named, Several, Text, View

endpoints = Endpoints("administration")

_LARGEST_ID = 2**53 - 1


class ReceiverView(View):
    id = fields.Integer()
    name = fields.String()
    posts = fields.List(fields.String())


class PieceOfWork(View):
    kind = fields.String()
    id = fields.String()
    case_number = fields.String()
    applicant_name = fields.String()
    step_name = Named()
    post = fields.String()
    department = fields.String()
    due_at = Instant(allow_none=True)
    has_draft = fields.Boolean()
    way = fields.String(allow_none=True)
    receivers = fields.List(fields.Nested(ReceiverView))


class BookInHand(View):
    id = fields.Integer()
    series = fields.String()
    department = fields.String()
    blank = fields.Integer()
    first = fields.Integer()
    offered = fields.Boolean()


class CashInHand(View):
    ticket = fields.String()
    case_number = fields.String()
    department = fields.String()
    amount_fen = fields.Integer()
    counted = fields.Boolean()


class WorkView(View):
    items = fields.List(fields.Nested(PieceOfWork))
    total = fields.Integer()
    next = fields.String(allow_none=True)
    books = fields.List(fields.Nested(BookInHand))
    cash = fields.List(fields.Nested(CashInHand))


class HandedOverView(View):
    tasks = fields.Integer()
    opinions = fields.Integer()


class TaskTo(Body):
    id = Text(32, required=True)
    to = Count(1, _LARGEST_ID, required=True)


class OpinionTo(Body):
    id = Count(1, _LARGEST_ID, required=True)
    to = Count(1, _LARGEST_ID, required=True)


class HandOverBody(Body):
    tasks = Several(fields.Nested(TaskTo), load_default=list)
    opinions = Several(fields.Nested(OpinionTo), load_default=list)
    reason = Text(500, required=True)


class LeavingBody(Body):
    reason = Text(500, required=True)


def known_person(connection: Connection, person_id: int) -> PersonView:
    """Raises Refused not_found."""
    found = read_person(connection, person_id)
    if found is None:
        raise not_found("该人员", f"person {person_id}")
    return found


@endpoints.get(
    "/people/<number:person_id>/work-in-hand", answer=WorkView(), permission="hand_over_work", codes=("not_found",)
)
def read_work_in_hand(call: Call, connection: Connection, person_id: int) -> Answer:
    """Claimed tasks and opinions asked of a person, with those who may take it on; books and money held."""
    found = known_person(connection, person_id)
    require_may_hand_over(call.actor, found.id, found.department)
    items = work_in_hand(connection, person_id, call.now)
    held = held_things(connection, person_id)
    return Answer({"items": items, "total": len(items), "next": None, "books": held.books, "cash": held.cash})


@endpoints.post(
    "/people/<number:person_id>/hand-over",
    answer=HandedOverView(),
    body=HandOverBody(),
    permission="hand_over_work",
    codes=("not_found", "invalid_request", "separation_of_duty", "task_taken"),
)
def hand_over(call: Call, connection: Connection, person_id: int) -> Answer:
    """Hand over what is named, in one step: all of it or nothing; separation is asked task by task."""
    body = call.body
    command = HandOverWork(
        person_id,
        body["reason"],
        {one["id"]: one["to"] for one in body["tasks"]},
        {one["id"]: one["to"] for one in body["opinions"]},
    )
    return Answer(hand_over_work(connection, call.web.services, call.actor, command, call.now))


@endpoints.post(
    "/people/<number:person_id>/deactivate",
    answer=other_schemas.PersonWithPosts(),
    body=LeavingBody(),
    permission="grant_posts",
    second_factor=True,
    codes=("not_found", "work_open", "move_refused", "invalid_request"),
)
def deactivate(call: Call, connection: Connection, person_id: int) -> Answer:
    """Somebody has left: posts, loans and sessions end. Refused while anything is in hand."""
    deactivate_person(connection, call.actor, person_id, call.body["reason"], call.now)
    return Answer(known_person(connection, person_id))


@endpoints.post(
    "/post-holdings/<number:holding_id>/withdraw",
    answer=None,
    status=204,
    body=LeavingBody(),
    permission="grant_posts",
    second_factor=True,
    codes=("not_found", "work_open", "move_refused", "invalid_request"),
)
def take_post_away(call: Call, connection: Connection, holding_id: int) -> Answer:
    """End a holding; it stays on record. Refused while tasks of the post are in hand."""
    withdraw_post(connection, call.actor, holding_id, call.body["reason"], call.now)
    return Answer()
