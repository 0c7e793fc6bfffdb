"""Overdue taken apart (麻雀解剖): whose hands each overdue case lay in, and whether they were there."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.errors import Refused
from service.people.dissection import HANDS, Cause, Dissection, Share, causes
from service.reads.attendance import span_of
from service.reads.dissection import dissect_overdue
from service.reads.visibility import departments_of_alarms
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import GivenDay, Instant, Query, Text, View

endpoints = Endpoints("dissection")


class ShareOfWaiting(View):
    """Office minutes in these hands; working days on which a step waited, and those on which nobody was there."""

    hands = fields.String(metadata={"enum": list(HANDS)})
    minutes = fields.Integer()
    days = fields.Integer()
    days_absent = fields.Integer()
    days_away = fields.Integer()


class DissectedCase(View):
    case_number = fields.String()
    department = fields.String()
    power_item = fields.String(allow_none=True)
    began_at = Instant()
    ended_at = Instant()
    due_at = Instant(allow_none=True)
    main = fields.String(metadata={"enum": list(HANDS), "description": "Who had the case longest"})
    shares = fields.List(fields.Nested(ShareOfWaiting))


class CauseOfDelay(View):
    department = fields.String()
    cases = fields.Integer()
    shares = fields.List(fields.Nested(ShareOfWaiting))
    mainly = fields.Dict(keys=fields.String(), values=fields.Integer())


class Dissections(View):
    """`causes` sums the cases up by department."""

    causes = fields.List(fields.Nested(CauseOfDelay))
    items = fields.List(fields.Nested(DissectedCase))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class OverdueQuery(Query):
    """Days on which cases became overdue, both counted; without them the last week."""

    since = GivenDay(data_key="from")
    until = GivenDay(data_key="to")
    department = Text(16)


@endpoints.get(
    "/overdue-causes", answer=Dissections(), query=OverdueQuery(), codes=("not_permitted", "invalid_request")
)
def find_causes(call: Call, connection: Connection) -> Answer:
    """Each overdue case's waiting, split into clerk, leader, applicant and supervisor, joined with attendance."""
    if departments_of_alarms(call.actor) == frozenset():
        raise Refused("not_permitted", "您的岗位不能查看超期原因", "Expected a leader or a supervisor")
    calendar = call.web.services.calendars.get(connection)
    query = call.query
    span = span_of(query.get("since"), query.get("until"), calendar.local_date(call.now))
    found = dissect_overdue(connection, calendar, call.actor, span, call.now, query.get("department"))
    rows = {"causes": [_cause(one) for one in causes(found)], "items": [_case(one) for one in found]}
    return Answer({**rows, "total": len(found), "next": None})


def _share(one: Share) -> dict[str, object]:
    return {name: getattr(one, name) for name in ("hands", "minutes", "days", "days_absent", "days_away")}


def _cause(one: Cause) -> dict[str, object]:
    shares = [_share(share) for share in one.shares]
    return {"department": one.department, "cases": one.cases, "shares": shares, "mainly": dict(one.mainly)}


def _case(one: Dissection) -> dict[str, object]:
    case = one.case
    return {
        "case_number": case.number,
        "department": case.department,
        "power_item": case.item,
        "began_at": case.begins,
        "ended_at": case.ends,
        "due_at": case.due_at,
        "main": one.main,
        "shares": [_share(share) for share in one.shares],
    }
