"""Looking official data up for a field of a case that one has in hand (数据核验)."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.look_up import LookUp, look_up
from service.reads.lookups import CASES, OUTCOMES, REGISTERS, LookupFilter, list_lookups
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Instant, Text, View
from service.web.api.schemas import page_of

endpoints = Endpoints("user-tasks")
_CODES = ("not_found", "not_permitted", "invalid_answers", "rate_limited")


class Question(Body):
    field = Text(80, required=True)
    value = Text(40, required=True)


class LookedUp(View):
    outcome = fields.String(metadata={"enum": ["found", "not_found", "unavailable"]})
    values = fields.Dict(keys=fields.String(), values=fields.String())


class LookupQuery(PageQuery):
    q = Text(100)
    register = Choice(*REGISTERS)
    outcome = Choice(*OUTCOMES)
    cases = Choice(*CASES)


class LookupRow(View):
    """A question on record; `case_number` null where no case has followed."""

    id = fields.Integer()
    at = Instant()
    person = fields.String()
    department = fields.String()
    register = fields.String(metadata={"enum": list(REGISTERS)})
    subject_masked = fields.String()
    power_item = fields.String(allow_none=True)
    form_key = fields.String()
    field = fields.String()
    purpose = fields.String()
    outcome = fields.String(metadata={"enum": list(OUTCOMES)})
    case_number = fields.String(allow_none=True)


LOOKUP_PAGE = page_of(LookupRow())


@endpoints.get("/lookups", answer=LOOKUP_PAGE, query=LookupQuery(), permission="read_lookups")
def find_lookups(call: Call, connection: Connection) -> Answer:
    """Every question to an official register, the newest first; `cases=without` are those that no case has followed."""
    wanted = LookupFilter(*(call.query.get(name) for name in ("q", "register", "outcome", "cases")))
    return Answer(list_lookups(connection, wanted, asked_page(call)))


@endpoints.post(
    "/user-tasks/<code:task_id>/lookups",
    answer=LookedUp(),
    body=Question(),
    acts=False,
    codes=(*_CODES, "task_taken", "case_halted", "case_closed", "case_suspended"),
)
def look_up_for_task(call: Call, _connection: Connection, task_id: str) -> Answer:
    """Ask an official register about a field of a task that one has claimed; the history tells it with its purpose."""
    return _answer(call, LookUp(call.body["field"], call.body["value"], task_id=task_id))


@endpoints.post("/power-items/<code:code>/lookups", answer=LookedUp(), body=Question(), acts=False, codes=_CODES)
def look_up_for_application(call: Call, _connection: Connection, code: str) -> Answer:
    """The same for an application that one is entering; few may be open that no case has followed."""
    return _answer(call, LookUp(call.body["field"], call.body["value"], power_item=code))


def _answer(call: Call, command: LookUp) -> Answer:
    services = call.web.services
    return Answer(look_up(call.web.engine, services, services.registers, call.actor, command, call.now))
