"""The supervision log (监察日志): online rates by day, and the people behind them for whom they concern."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.errors import Refused
from service.people.attendance import ROLES, PersonDay
from service.reads.attendance import attendance_of, rates_of, span_of, visible_to
from service.reads.visibility import departments_of_alarms
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Choice, Day, GivenDay, Instant, Query, Text, View
from service.web.api.schemas import page_of

endpoints = Endpoints("attendance")


class AttendanceRate(View):
    """`rate` and `target` in percent; `expected` are those with work due who were neither on leave nor without post."""

    day = Day()
    department = fields.String()
    role = fields.String(metadata={"enum": list(ROLES)})
    expected = fields.Integer()
    online = fields.Integer()
    touched = fields.Integer()
    rate = fields.Float()
    target = fields.Float()
    met = fields.Boolean()


_RATES = page_of(AttendanceRate())


class AttendancePerson(View):
    """`due` and `touched` count cases."""

    day = Day()
    person_id = fields.Integer()
    name = fields.String()
    department = fields.String()
    role = fields.String(metadata={"enum": list(ROLES)})
    due = fields.Integer()
    touched = fields.Integer()
    online = fields.Boolean()
    signed_in_at = Instant(allow_none=True)
    address = fields.String(allow_none=True)


class SpanQuery(Query):
    """Both days are counted; without them the last week."""

    since = GivenDay(data_key="from")
    until = GivenDay(data_key="to")
    department = Text(16)
    role = Choice(*ROLES)


def _found(call: Call, connection: Connection) -> list[PersonDay]:
    calendar = call.web.services.calendars.get(connection)
    span = span_of(call.query.get("since"), call.query.get("until"), calendar.local_date(call.now))
    return attendance_of(connection, calendar, span)


@endpoints.get("/attendance", answer=_RATES, query=SpanQuery(), codes=("not_permitted", "invalid_request"))
def find_attendance(call: Call, connection: Connection) -> Answer:
    """Rows by day, department and role with the online rate, for leaders and supervisors."""
    seen = departments_of_alarms(call.actor)
    if seen == frozenset():
        raise Refused("not_permitted", "您的岗位不能查看监察日志", "Expected a leader or a supervisor")
    rows = rates_of(_found(call, connection), call.query.get("department"), call.query.get("role"))
    shown = [one for one in rows if seen is None or one.department in seen]
    return Answer({"items": shown, "total": len(shown), "next": None})


@endpoints.get("/attendance/people", answer=page_of(AttendancePerson()), query=SpanQuery(), codes=("invalid_request",))
def find_people_of_days(call: Call, connection: Connection) -> Answer:
    """Who had work due and was there: one's own days, and those of the departments that one supervises."""
    found = visible_to(_found(call, connection), call.actor)
    wanted = {name: call.query.get(name) for name in ("department", "role")}
    shown = [one for one in found if all(v is None or getattr(one, name) == v for name, v in wanted.items())]
    return Answer({"items": shown, "total": len(shown), "next": None})


@endpoints.get("/public/attendance", answer=_RATES, public=True)
def find_public_attendance(call: Call, connection: Connection) -> Answer:
    """The rates of the last week, without names: the board that the public sees."""
    shown = rates_of(_found(call, connection))
    return Answer({"items": shown, "total": len(shown), "next": None})
