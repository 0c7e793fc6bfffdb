"""Copies to read (抄送): sending one of a case, one's own list, and the mark that one was opened."""

from __future__ import annotations

from marshmallow import fields, validate
from sqlalchemy import Connection

from service.commands.copy_to_read import MOST_READERS, CopyToRead, copy_to_read, read_copy
from service.reads.copies import STATES, copies_of_case, list_copies
from service.web.api import schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Instant, Named, Text, View
from service.web.api.moves import LARGEST_ID
from service.web.api.visible import require_task_visible, task_answer, visible_case

endpoints = Endpoints("moves")


class Readers(Body):
    people = fields.List(
        Count(1, LARGEST_ID, required=True),
        required=True,
        validate=validate.Length(min=1, max=MOST_READERS, error=f"too_large:{MOST_READERS}"),
        error_messages={"required": "required", "null": "null", "invalid": "invalid"},
    )
    note = Text(500)


class CopyQuery(PageQuery):
    state = Choice(*STATES)


class CopyOfCase(View):
    person = fields.Nested(schemas.Person)
    sent_by = fields.Nested(schemas.Person)
    sent_at = Instant()
    note = fields.String()
    read_at = Instant(allow_none=True)


class CopiesOfCase(View):
    items = fields.List(fields.Nested(CopyOfCase))


class ReceivedCopy(View):
    id = fields.Integer()
    case_number = fields.String()
    case_status = fields.String()
    case_outcome = fields.String(allow_none=True)
    item_name = Named()
    applicant_name = fields.String()
    sent_by = fields.Nested(schemas.Person)
    sent_at = Instant()
    note = fields.String()
    read_at = Instant(allow_none=True)


class ReadCopy(View):
    case_number = fields.String()


@endpoints.post(
    "/user-tasks/<code:task_id>/copies",
    answer=schemas.Task(),
    body=Readers(),
    codes=("task_taken", "case_halted", "case_suspended", "case_closed", "version_conflict", "not_found"),
)
def send_copies(call: Call, connection: Connection, task_id: str) -> Answer:
    """Whoever has the task copies the case to others to read (抄送)."""
    require_task_visible(call, connection, task_id)
    command = CopyToRead(task_id, call.body["people"], call.body.get("note") or "")
    copy_to_read(connection, call.web.services, call.actor, command, call.now)
    return task_answer(call, connection, task_id)


@endpoints.get("/cases/<code:number>/copies", answer=CopiesOfCase(), codes=("not_found",))
def read_copies_of_case(call: Call, connection: Connection, number: str) -> Answer:
    """Who received a copy of the case, and who has opened it."""
    found = visible_case(call, connection, number)
    return Answer({"items": copies_of_case(connection, found.row.id)})


@endpoints.get("/copies", answer=schemas.page_of(ReceivedCopy()), query=CopyQuery())
def find_copies(call: Call, connection: Connection) -> Answer:
    """The copies that one received oneself: not read yet, or read."""
    return Answer(list_copies(connection, call.actor, call.query.get("state") or "unread", asked_page(call)))


@endpoints.post("/copies/<number:copy_id>/read", answer=ReadCopy(), codes=("not_found",))
def mark_read(call: Call, connection: Connection, copy_id: int) -> Answer:
    """One has read it; the first time is kept."""
    return Answer({"case_number": read_copy(connection, call.actor, copy_id, call.now)})
