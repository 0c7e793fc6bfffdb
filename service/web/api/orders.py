"""Orders that people issue, alarms gathered and assigned, the ladder's statistics, and kept filters of lists."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.assign_alarm import assign_alarm
from service.commands.issue_order import SOURCES, IssueOrder, gather_alarms, issue_order, reopen_order
from service.commands.order_extension import AskExtension, ask_extension, decide_extension
from service.commands.order_handlers import name_handler
from service.commands.save_filter import drop_filter, save_filter
from service.errors import Refused, not_found
from service.reads.alarms import read_alarm
from service.reads.centre_desk import centre_desk, centre_load
from service.reads.order_statistics import count_rungs
from service.reads.orders import read_order
from service.reads.saved_filters import kept_filters
from service.reads.visibility import departments_of_alarms
from service.web.api import other_schemas, schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Day, GivenDay, Instant, Query, Several, Text, View
from service.web.api.schemas import page_of
from service.web.api.supervision import order_answer

endpoints = Endpoints("orders")


class NewOrder(Body):
    """`alarms` are ids of open alarms of the department that are in no order yet; they are gathered in this one.

    `handler`: the user name of who handles; the order goes straight to him. Level 1 issues such orders alone.
    """

    source = Choice(*SOURCES, required=True)
    department = Text(16, required=True)
    demand = Text(500, required=True)
    about_case = Text(40)
    alarms = Several(Count(1, 2**53))
    handler = Text(64)


def _answered(call: Call, connection: Connection, number: str) -> Answer:
    found = read_order(connection, call.web.services, call.actor, number)
    if found is None:
        raise not_found("该督办单", f"supervision order {number}")
    return order_answer(found)


@endpoints.post(
    "/supervision-orders",
    answer=other_schemas.Order(),
    status=201,
    body=NewOrder(),
    codes=("not_permitted", "not_found", "invalid_request", "move_refused", "separation_of_duty"),
)
def issue_one_order(call: Call, connection: Connection) -> Answer:
    """Issue a supervision order from any source: alarms, an inspection, a complaint, a leader's note."""
    body = call.body
    command = IssueOrder(
        body["source"],
        body["department"],
        body["demand"],
        body.get("about_case") or "",
        tuple(body.get("alarms") or ()),
        body.get("handler") or "",
    )
    return _answered(call, connection, issue_order(connection, call.web.services, call.actor, command, call.now))


class Gathered(Body):
    alarms = Several(Count(1, 2**53), required=True)


@endpoints.post(
    "/supervision-orders/<code:order_number>/alarms",
    answer=other_schemas.Order(),
    body=Gathered(),
    permission="issue_orders",
    codes=("not_found", "invalid_request", "move_refused", "separation_of_duty"),
)
def gather_in_order(call: Call, connection: Connection, order_number: str) -> Answer:
    """Put open alarms of the same department into an order that nobody has answered yet."""
    gather_alarms(connection, call.actor, order_number, call.body["alarms"])
    return _answered(call, connection, order_number)


class Named(Body):
    """The user name of somebody of the department who handles cases."""

    username = Text(64, required=True)


@endpoints.post(
    "/supervision-orders/<code:order_number>/handler",
    answer=other_schemas.Order(),
    body=Named(),
    codes=("not_permitted", "not_found", "case_closed", "move_refused"),
)
def name_order_handler(call: Call, connection: Connection, order_number: str) -> Answer:
    """Level 1 of the department, or level 2, says who is to explain and mend; open steps of the handler pass to him."""
    name_handler(connection, call.web.services, call.actor, order_number, call.body["username"], call.now)
    return _answered(call, connection, order_number)


class Extension(Body):
    """`user_task` is the open step that the person owes, `until` the last day on which it would then be due."""

    user_task = Text(40, required=True)
    until = GivenDay(required=True)
    reason = Text(500, required=True)


@endpoints.post(
    "/supervision-orders/<code:order_number>/extensions",
    answer=other_schemas.Order(),
    status=201,
    body=Extension(),
    codes=("not_permitted", "not_found", "invalid_request", "move_refused", "case_closed"),
)
def ask_more_time(call: Call, connection: Connection, order_number: str) -> Answer:
    """Whoever owes a step of the order asks for a later day; once a rung."""
    body = call.body
    command = AskExtension(body["user_task"], body["until"], body["reason"])
    ask_extension(connection, call.web.services, call.actor, command, call.now)
    return _answered(call, connection, order_number)


class Decision(Body):
    decision = Choice("granted", "refused", required=True)
    opinion = Text(500, required=True)


@endpoints.post(
    "/supervision-orders/<code:order_number>/extensions/<number:extension_id>/decision",
    answer=other_schemas.Order(),
    body=Decision(),
    codes=("not_permitted", "separation_of_duty", "not_found", "invalid_request", "move_refused", "case_closed"),
)
def decide_more_time(call: Call, connection: Connection, order_number: str, extension_id: int) -> Answer:
    """Whoever gave the step grants or refuses; granted, its limit moves."""
    granted, opinion = call.body["decision"] == "granted", call.body["opinion"]
    asked = order_number, extension_id, opinion, call.now
    decide_extension(connection, call.web.services, call.actor, *asked, granted=granted)
    return _answered(call, connection, order_number)


class Again(Body):
    reason = Text(400, required=True)


@endpoints.post(
    "/supervision-orders/<code:order_number>/reopen",
    answer=other_schemas.Order(),
    status=201,
    body=Again(),
    permission="issue_orders",
    codes=("not_found", "invalid_request", "move_refused"),
)
def open_order_again(call: Call, connection: Connection, order_number: str) -> Answer:
    """Open a closed order again, as a new one that takes its alarms over."""
    reason = call.body["reason"]
    number = reopen_order(connection, call.web.services, call.actor, order_number, reason, call.now)
    return _answered(call, connection, number)


class RungSpan(Query):
    """Both days are counted; without them this year."""

    since = GivenDay(data_key="from")
    until = GivenDay(data_key="to")


class RungCount(View):
    """Messages are SMS of the rung; orders are those opened in the span."""

    department = fields.String()
    handler_messages = fields.Integer()
    level1_messages = fields.Integer()
    level2_messages = fields.Integer()
    centre_messages = fields.Integer()
    orders = fields.Integer()
    to_level2 = fields.Integer()
    to_centre = fields.Integer()
    closed = fields.Integer()
    closed_at_level1 = fields.Integer()
    reminders = fields.Integer()


@endpoints.get(
    "/supervision-orders/statistics", answer=page_of(RungCount()), query=RungSpan(), codes=("not_permitted",)
)
def count_by_rung(call: Call, connection: Connection) -> Answer:
    """Messages and orders by rung and department."""
    if departments_of_alarms(call.actor) == frozenset():
        raise Refused("not_permitted", "您的岗位不能查看督办统计", "Expected a leader or a supervisor")
    calendar = call.web.services.calendars.get(connection)
    today = calendar.local_date(call.now)
    first, last = call.query.get("since") or today.replace(month=1, day=1), call.query.get("until") or today
    begins, ends = (datetime.combine(day, time(), calendar.zone) for day in (first, last + timedelta(days=1)))
    found = count_rungs(connection, call.actor, begins, ends)
    return Answer({"items": found, "total": len(found), "next": None})


class GroundView(View):
    code = fields.String()
    value = fields.String()
    points = fields.Integer()


class WaitingView(View):
    """`what` is demand, extension or alarm; `grounds` say why it stands where it stands."""

    what = fields.String(metadata={"enum": ["demand", "extension", "alarm"]})
    order = fields.String(allow_none=True)
    alarm_id = fields.Integer(allow_none=True)
    department = fields.String()
    summary_zh = fields.String()
    summary_en = fields.String()
    raised_at = Instant()
    due_at = Instant(allow_none=True)
    points = fields.Integer()
    grounds = fields.List(fields.Nested(GroundView))


class LoadView(View):
    """Decisions of a person and day of the control centre in the last thirty days."""

    since = Day()
    decisions = fields.Integer()
    median = fields.Integer()
    p95 = fields.Integer()
    most = fields.Integer()


class CentreDesk(View):
    items = fields.List(fields.Nested(WaitingView))
    total = fields.Integer()
    next = fields.String(allow_none=True)
    decided = fields.Nested(LoadView)


@endpoints.get("/centre-desk", answer=CentreDesk(), permission="read_alarms_of_county")
def read_centre_desk(call: Call, connection: Connection) -> Answer:
    """What waits for the control centre, the most urgent first, with the grounds; and how much it decides."""
    found = centre_desk(connection, call.now)
    load = centre_load(connection, call.web.services.calendars.get(connection), call.now - timedelta(days=30))
    return Answer({"items": found, "total": len(found), "next": None, "decided": load})


class Assignment(Body):
    """The user name of a supervisor of the department."""

    username = Text(64, required=True)


@endpoints.post(
    "/alarms/<number:alarm_id>/assignment",
    answer=schemas.Alarm(),
    body=Assignment(),
    codes=("not_found", "move_refused"),
)
def assign_one_alarm(call: Call, connection: Connection, alarm_id: int) -> Answer:
    """Give an open alarm to one supervisor, who is told."""
    assign_alarm(connection, call.actor, alarm_id, call.body["username"], call.now)
    found = read_alarm(connection, call.actor, alarm_id)
    if found is None:
        raise not_found("该预警", f"alarm {alarm_id}")
    return Answer(found)


class KeptFilter(View):
    id = fields.Integer()
    name = fields.String()
    query = fields.Dict(keys=fields.String(), values=fields.String())


class NewFilter(Body):
    name = Text(40, required=True)
    query = fields.Dict(keys=Text(20), values=Text(60), required=True)


class KeptFilters(View):
    items = fields.List(fields.Nested(KeptFilter))
    total = fields.Integer()
    next = fields.String(allow_none=True)


def _kept(call: Call, connection: Connection) -> Answer:
    found = kept_filters(connection, call.actor, "alarms")
    return Answer({"items": found, "total": len(found), "next": None})


@endpoints.get("/alarms/filters", answer=KeptFilters())
def find_filters(call: Call, connection: Connection) -> Answer:
    """The filters of the list of alarms that the person has kept."""
    return _kept(call, connection)


@endpoints.post(
    "/alarms/filters", answer=KeptFilters(), status=201, body=NewFilter(), codes=("invalid_request", "move_refused")
)
def keep_filter(call: Call, connection: Connection) -> Answer:
    """Keep a filter under a name of one's own; one of the same name is replaced."""
    save_filter(connection, call.actor, "alarms", call.body["name"], call.body["query"], call.now)
    return _kept(call, connection)


@endpoints.delete("/alarms/filters/<number:filter_id>", codes=("not_found",))
def remove_filter(call: Call, connection: Connection, filter_id: int) -> Answer:
    """Drop one of one's own."""
    drop_filter(connection, call.actor, filter_id)
    return Answer(None)
