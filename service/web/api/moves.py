"""The ways an office moves a task, one path each (docs/operations-on-cases.md)."""

from __future__ import annotations

from sqlalchemy import Connection

from service.commands.hand_over_task import DelegateTask, TransferTask, delegate_task, transfer_task
from service.commands.send_back import SendBack, send_back
from service.commands.take_back import take_back
from service.commands.urge_task import urge_task
from service.web.api import schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Count, GivenInstant, Text
from service.web.api.visible import case_after_act, case_answer, require_task_visible, task_answer

endpoints = Endpoints("moves")

LARGEST_ID = 2**53 - 1
_REFUSED = ("task_taken", "case_halted", "terminal_shared", "case_closed", "version_conflict", "not_found")
_CHECKED = (*_REFUSED, "separation_of_duty")


class ToPerson(Body):
    person = Count(1, LARGEST_ID, required=True)
    reason = Text(500, required=True)


class UntilBody(ToPerson):
    until = GivenInstant(required=True)


class ReasonBody(Body):
    reason = Text(500, required=True)


class SendBackBody(Body):
    to = Text(80)
    reason = Text(500, required=True)


class UrgeBody(Body):
    reason = Text(500)


@endpoints.post(
    "/user-tasks/<code:task_id>/transfer", answer=schemas.Task(), body=ToPerson(), codes=(*_CHECKED, "invalid_request")
)
def transfer(call: Call, connection: Connection, task_id: str) -> Answer:
    """The head of section gives the task to another person (转办); its clock and draft stay."""
    require_task_visible(call, connection, task_id)
    command = TransferTask(task_id, call.body["person"], call.body["reason"])
    transfer_task(connection, call.web.services, call.actor, command, call.now)
    return task_answer(call, connection, task_id)


@endpoints.post(
    "/user-tasks/<code:task_id>/delegate", answer=schemas.Task(), body=UntilBody(), codes=(*_CHECKED, "invalid_request")
)
def delegate(call: Call, connection: Connection, task_id: str) -> Answer:
    """The holder has the task done by another until an instant (委托代办); both count for separation."""
    require_task_visible(call, connection, task_id)
    body = call.body
    command = DelegateTask(task_id, body["person"], body["until"], body["reason"])
    delegate_task(connection, call.web.services, call.actor, command, call.now)
    return task_answer(call, connection, task_id)


@endpoints.post(
    "/user-tasks/<code:task_id>/send-back",
    answer=schemas.Case(),
    body=SendBackBody(),
    codes=(*_CHECKED, "invalid_request", "control_node_missing"),
)
def send_case_back(call: Call, connection: Connection, task_id: str) -> Answer:
    """Who reviews or decides sends the case back to an earlier step that the diagram allows (退回)."""
    require_task_visible(call, connection, task_id)
    number = task_answer(call, connection, task_id).value.case_number
    send_back(
        connection, call.web.services, call.actor, SendBack(task_id, call.body["to"], call.body["reason"]), call.now
    )
    return case_answer(case_after_act(call, connection, number))


@endpoints.post(
    "/user-tasks/<code:task_id>/take-back",
    answer=schemas.Task(),
    body=ReasonBody(),
    codes=(*_REFUSED, "cannot_take_back", "invalid_request"),
)
def take_act_back(call: Call, connection: Connection, task_id: str) -> Answer:
    """Who did the last act takes it back (撤回), while nobody has acted since; says what stands in the way."""
    require_task_visible(call, connection, task_id)
    take_back(connection, call.web.services, call.actor, task_id, call.body["reason"], call.now)
    return task_answer(call, connection, task_id)


@endpoints.post(
    "/user-tasks/<code:task_id>/urge", answer=schemas.Task(), body=UrgeBody(), codes=(*_REFUSED, "already_urged")
)
def urge(call: Call, connection: Connection, task_id: str) -> Answer:
    """Somebody above reminds those whose turn it is (催办), at most once a day."""
    require_task_visible(call, connection, task_id)
    urge_task(connection, call.web.services, call.actor, task_id, call.body.get("reason") or "", call.now)
    return task_answer(call, connection, task_id)
