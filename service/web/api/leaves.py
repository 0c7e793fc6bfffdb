"""请假: leave with its days and stand-in, and coming back early."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.leave import EnterLeave, end_leave, enter_leave
from service.reads.leaves import list_leaves, read_leave
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Count, GivenDay, Instant, Text, View
from service.web.api.schemas import page_of

endpoints = Endpoints("leave")
_LARGEST_ID = 2**53 - 1


class LeaveView(View):
    id = fields.Integer()
    person_id = fields.Integer()
    person = fields.String()
    department = fields.String()
    stand_in = fields.String(allow_none=True)
    starts_at = Instant()
    ends_at = Instant()
    reason = fields.String()
    entered_by = fields.String()
    ended_at = Instant(allow_none=True)
    state = fields.String(metadata={"enum": ["to_come", "away", "ended"]})


class NewLeave(Body):
    """Without a person it is one's own; both days are days of the leave."""

    person = Count(1, _LARGEST_ID)
    starts_on = GivenDay(required=True)
    ends_on = GivenDay(required=True)
    stand_in = Count(1, _LARGEST_ID)
    reason = Text(500, required=True)


@endpoints.get("/leaves", answer=page_of(LeaveView()), query=PageQuery())
def find_leaves(call: Call, connection: Connection) -> Answer:
    """One's own leave, and that of those for whom one may enter it; the newest first."""
    return Answer(list_leaves(connection, call.actor, call.now, asked_page(call)))


@endpoints.post(
    "/leaves", answer=LeaveView(), body=NewLeave(), status=201, codes=("not_permitted", "not_found", "invalid_request")
)
def add_leave(call: Call, connection: Connection) -> Answer:
    """Enter a leave; from its first instant on open tasks go to the stand-in or back to the pool."""
    body = call.body
    command = EnterLeave(
        body.get("person") or call.actor.person_id,
        body["starts_on"],
        body["ends_on"],
        body["reason"],
        body.get("stand_in"),
    )
    leave_id = enter_leave(connection, call.web.services, call.actor, command, call.now)
    return Answer(read_leave(connection, leave_id, call.now))


@endpoints.post(
    "/leaves/<number:leave_id>/end", answer=LeaveView(), codes=("not_permitted", "not_found", "leave_ended")
)
def come_back(call: Call, connection: Connection, leave_id: int) -> Answer:
    """Back early, or not going: nothing more is moved, and tasks may come again."""
    end_leave(connection, call.actor, leave_id, call.now)
    return Answer(read_leave(connection, leave_id, call.now))
