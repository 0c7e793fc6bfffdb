"""Published decisions on penalties (行政处罚决定公示) for anybody, and taking one down that no longer stands."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.withdraw_publication import WITHDRAWALS, withdraw_publication
from service.reads.published import list_penalties
from service.web.api import schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Day, Instant, Named, Text, View
from service.web.api.other_schemas import Disclosed
from service.web.api.visible import case_after_act, require_case_visible

endpoints = Endpoints("penalties")


class PenaltyQuery(PageQuery):
    department = Text(16)


class PublishedPenalty(View):
    power_item_name = Named(attribute="item_name")
    department = fields.String()
    department_name = Named()
    result = fields.List(
        fields.Nested(Disclosed()), metadata={"description": "A person is named by the family name and 某 alone"}
    )
    published_at = Instant()
    until_on = Day()
    withdrawn_at = Instant(allow_none=True)
    withdrawn_because = fields.String(allow_none=True, metadata={"enum": [*WITHDRAWALS, None]})


class WithdrawalBody(Body):
    because = Choice(*WITHDRAWALS, required=True)


@endpoints.get(
    "/public/penalties",
    answer=schemas.page_of(PublishedPenalty()),
    query=PenaltyQuery(),
    public=True,
    codes=("invalid_request",),
)
def published_penalties(call: Call, connection: Connection) -> Answer:
    """Decisions that are published now, the newest first; what was withdrawn shows its number and why."""
    today = call.web.services.calendars.get(connection).local_date(call.now)
    department = call.query.get("department")
    return Answer(list_penalties(connection, today, department_code=department, asked=asked_page(call)))


@endpoints.post(
    "/cases/<code:number>/publication/withdraw",
    answer=schemas.Case(),
    body=WithdrawalBody(),
    codes=("not_found", "not_waiting", "invalid_request"),
)
def withdraw(call: Call, connection: Connection, number: str) -> Answer:
    """Take a published decision down within three working days of its change or annulment (行政处罚法 Art. 48)."""
    require_case_visible(call, connection, number)
    withdraw_publication(connection, call.web.services, call.actor, number, call.body["because"], call.now)
    view = case_after_act(call, connection, number)
    return Answer(view, version=view.version)
