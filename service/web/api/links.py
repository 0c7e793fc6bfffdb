"""Linking cases (关联, 并案) and undoing it; the links of a case."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.link_cases import LinkCases, link_cases, unlink_cases
from service.reads.links import links_of_case
from service.user_tasks.linking import KINDS
from service.web.api import schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Instant, Named, Text, View
from service.web.api.visible import require_task_visible, task_answer, visible_case

endpoints = Endpoints("moves")

_REFUSED = (
    "task_taken",
    "case_halted",
    "case_suspended",
    "case_closed",
    "version_conflict",
    "not_found",
    "move_refused",
    "invalid_request",
)


class Unlink(Body):
    case = Text(40, required=True)
    reason = Text(500, required=True)


class Link(Unlink):
    kind = Choice(*KINDS, required=True)


class LinkOfCase(View):
    case_number = fields.String()
    item_name = Named()
    applicant_name = fields.String()
    status = fields.String()
    outcome = fields.String(allow_none=True)
    role = fields.String()
    reason = fields.String()
    made_by = fields.Nested(schemas.Person)
    made_at = Instant()


class Links(View):
    items = fields.List(fields.Nested(LinkOfCase))


@endpoints.post("/user-tasks/<code:task_id>/links", answer=schemas.Task(), body=Link(), codes=_REFUSED)
def link(call: Call, connection: Connection, task_id: str) -> Answer:
    """Whoever has the task links its case with another (关联), or has it follow a leading one (并案)."""
    require_task_visible(call, connection, task_id)
    command = LinkCases(task_id, call.body["case"], call.body["kind"], call.body["reason"])
    link_cases(connection, call.web.services, call.actor, command, call.now)
    return task_answer(call, connection, task_id)


@endpoints.post("/user-tasks/<code:task_id>/links/remove", answer=schemas.Task(), body=Unlink(), codes=_REFUSED)
def unlink(call: Call, connection: Connection, task_id: str) -> Answer:
    """Whoever has the task undoes a link of its case; it stays on record."""
    require_task_visible(call, connection, task_id)
    unlink_cases(connection, call.web.services, call.actor, task_id, call.body["case"], call.body["reason"], call.now)
    return task_answer(call, connection, task_id)


@endpoints.get("/cases/<code:number>/links", answer=Links(), codes=("not_found",))
def read_links(call: Call, connection: Connection, number: str) -> Answer:
    """The cases that this one is linked with."""
    found = visible_case(call, connection, number)
    return Answer({"items": links_of_case(connection, call.actor, found.row.id)})
