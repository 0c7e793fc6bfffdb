"""Copies to read (抄送): sending one of a case, one's own list, and the mark that one was opened."""

from __future__ import annotations

from marshmallow import fields, validate
from sqlalchemy import Connection

from service.commands.copy_to_read import MOST_READERS, CopyToRead, copy_to_read, read_copy
from service.commands.let_read import LetRead, end_reading, let_read
from service.reads.copies import STATES, copies_of_case, list_copies, readers_of_case
from service.web.api import schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, GivenDay, Instant, Named, Text, View
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


class CaseReader(View):
    id = fields.Integer()
    person = fields.Nested(schemas.Person())
    department = fields.String()
    granted_by = fields.Nested(schemas.Person())
    granted_at = Instant()
    reads_until = Instant()
    reason = fields.String()
    ended_at = Instant(allow_none=True)
    in_force = fields.Boolean()


class CaseReaders(View):
    items = fields.List(fields.Nested(CaseReader()))


class NewReader(Body):
    """`until` is the last day on which the case is read."""

    username = Text(64, required=True)
    until = GivenDay(required=True)
    reason = Text(500, required=True)


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


def _readers(call: Call, connection: Connection, number: str) -> Answer:
    found = visible_case(call, connection, number)
    return Answer({"items": readers_of_case(connection, found.row.id, call.now)})


@endpoints.get("/cases/<code:number>/readers", answer=CaseReaders(), codes=("not_found",))
def read_readers_of_case(call: Call, connection: Connection, number: str) -> Answer:
    """Who was let read the case without a right to it (授权阅件)."""
    return _readers(call, connection, number)


@endpoints.post(
    "/cases/<code:number>/readers",
    answer=CaseReaders(),
    body=NewReader(),
    status=201,
    codes=("not_found", "not_permitted", "invalid_request", "move_refused"),
)
def add_reader(call: Call, connection: Connection, number: str) -> Answer:
    """A leader lets somebody read this case alone, until the end of a day."""
    body = call.body
    command = LetRead(number, body["username"], body["until"], body["reason"])
    let_read(connection, call.web.services, call.actor, command, call.now)
    return _readers(call, connection, number)


@endpoints.post(
    "/cases/<code:number>/readers/<number:reader_id>/end",
    answer=CaseReaders(),
    codes=("not_found", "not_permitted"),
)
def stop_reader(call: Call, connection: Connection, number: str, reader_id: int) -> Answer:
    """Take the right to read back before its day."""
    end_reading(connection, call.web.services, call.actor, number, reader_id, call.now)
    return _readers(call, connection, number)


@endpoints.get("/copies", answer=schemas.page_of(ReceivedCopy()), query=CopyQuery())
def find_copies(call: Call, connection: Connection) -> Answer:
    """The copies that one received oneself: not read yet, or read."""
    return Answer(list_copies(connection, call.actor, call.query.get("state") or "unread", asked_page(call)))


@endpoints.post("/copies/<number:copy_id>/read", answer=ReadCopy(), codes=("not_found",))
def mark_read(call: Call, connection: Connection, copy_id: int) -> Answer:
    """One has read it; the first time is kept."""
    return Answer({"case_number": read_copy(connection, call.actor, copy_id, call.now)})
