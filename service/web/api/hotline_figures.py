"""热线月报: figures of the hotline by month and department."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.reads.hotline_figures import month_of, read_figures
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Query, Text, View

endpoints = Endpoints("hotline")


class MonthQuery(Query):
    """`2026-11`; without it this month."""

    month = Text(7)


class Figures(View):
    """Of the calls taken in the month. Rates in percent, null where nothing is to be counted."""

    department = fields.String()
    received = fields.Integer()
    declined = fields.Integer()
    answered = fields.Integer()
    in_time = fields.Integer()
    overdue = fields.Integer()
    in_time_rate = fields.Float(allow_none=True)
    asked = fields.Integer()
    satisfied = fields.Integer()
    satisfied_rate = fields.Float(allow_none=True)
    returned = fields.Integer()
    secret = fields.Integer()


class FiguresOfMonth(View):
    month = fields.String()
    items = fields.List(fields.Nested(Figures()))


@endpoints.get(
    "/hotline-figures", answer=FiguresOfMonth(), query=MonthQuery(), codes=("not_permitted", "invalid_request")
)
def find_figures(call: Call, connection: Connection) -> Answer:
    """What departments did with the calls of a month: answered in time, satisfied, returned, kept secret."""
    calendar = call.web.services.calendars.get(connection)
    month = month_of(call.query.get("month"), calendar.local_date(call.now))
    rows = read_figures(connection, calendar, call.actor, month)
    return Answer({"month": month.name, "items": rows})
