"""Looking official data up for a field of a case that one has in hand (数据核验)."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.look_up import LookUp, look_up
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Text, View

endpoints = Endpoints("user-tasks")
_CODES = ("not_found", "not_permitted", "invalid_answers", "rate_limited")


class Question(Body):
    field = Text(80, required=True)
    value = Text(40, required=True)


class LookedUp(View):
    outcome = fields.String(metadata={"enum": ["found", "not_found", "unavailable"]})
    values = fields.Dict(keys=fields.String(), values=fields.String())


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
