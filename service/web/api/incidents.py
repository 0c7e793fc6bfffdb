"""Incidents: acts and timers that the machine failed at, and settling them."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.settle_incident import SettleIncident, settle_incident
from service.errors import not_found
from service.reads.incidents import IncidentView, list_incidents, read_incident
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Instant, Named, Text, View
from service.web.api.schemas import page_of

endpoints = Endpoints("incidents")


class IncidentStep(View):
    element_id = fields.String()
    name = Named()
    name_zh = fields.String()
    name_en = fields.String()


class Incident(View):
    id = fields.Integer()
    at = Instant()
    during = fields.String(metadata={"enum": ["act", "timer"]})
    case_number = fields.String()
    department = fields.String()
    steps = fields.List(fields.Nested(IncidentStep))
    message = fields.String()
    status = fields.String(metadata={"enum": ["open", "settled"]})
    timers = fields.Integer(metadata={"description": "How many timers of the case it holds up"})
    times = fields.Integer(metadata={"description": "How often the same has failed, from `at` on"})
    last_at = Instant(allow_none=True)


class IncidentQuery(PageQuery):
    status = Choice("open", "settled")


class Settlement(Body):
    reason = Text(500, required=True)


@endpoints.get("/incidents", answer=page_of(Incident()), query=IncidentQuery(), permission="read_incidents")
def find_incidents(call: Call, connection: Connection) -> Answer:
    """Incidents, the newest first; without a status those that are open."""
    return Answer(list_incidents(connection, call.query.get("status") or "open", asked_page(call)))


@endpoints.get("/incidents/<number:incident_id>", answer=Incident(), permission="read_incidents", codes=("not_found",))
def read_one_incident(call: Call, connection: Connection, incident_id: int) -> Answer:
    """One incident, open or settled."""
    return Answer(_found(connection, incident_id))


@endpoints.post(
    "/incidents/<number:incident_id>/settle",
    answer=Incident(),
    body=Settlement(),
    permission="settle_incidents",
    codes=("not_found", "incident_settled"),
)
def settle(call: Call, connection: Connection, incident_id: int) -> Answer:
    """Settle an incident with the reason; timers that it held up are tried again with the next look."""
    settle_incident(connection, call.actor, SettleIncident(incident_id, call.body["reason"]), call.now)
    return Answer(_found(connection, incident_id))


def _found(connection: Connection, incident_id: int) -> IncidentView:
    found = read_incident(connection, incident_id)
    if found is None:
        raise not_found("该故障", f"incident {incident_id}")
    return found
