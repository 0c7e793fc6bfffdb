"""Alarms, supervision orders, and who was told of them."""

from __future__ import annotations

from dataclasses import asdict

from marshmallow import fields
from sqlalchemy import Connection

from service.alarms.rule_book import RESULTS, SCOPES
from service.commands.set_alarm_rule import SetAlarmRule, set_alarm_rule
from service.commands.settle_alarm import SettleAlarm, settle_alarm
from service.errors import not_found
from service.people.permissions import may
from service.reads.alarm_rules import read_rules
from service.reads.alarms import AlarmFilter, list_alarms, read_alarm
from service.reads.notices import NoticeFilter, list_notices
from service.reads.orders import OrderFilter, list_orders, read_order
from service.web.api import other_schemas, schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.dispatch import require_permission
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Text

endpoints = Endpoints("supervision")


class AlarmQuery(PageQuery):
    kind = Text(32)
    colour = Choice("blue", "yellow", "red")
    status = Text(16)
    department = Text(16)
    case = Text(40)


class OrderQuery(PageQuery):
    rung = Count(0, 9)
    status = Text(16)
    department = Text(16)
    case = Text(40)


class NoticeQuery(PageQuery):
    case = Text(40)
    recipient = Text(64)


def _require_supervisor(call: Call) -> None:
    if not may(call.actor, "read_alarms_of_county"):
        require_permission("read_alarms_of_department")


@endpoints.get("/alarms", answer=schemas.page_of(schemas.Alarm()), query=AlarmQuery(), codes=("not_permitted",))
def find_alarms(call: Call, connection: Connection) -> Answer:
    """Alarms of the departments that the person supervises, the newest first."""
    _require_supervisor(call)
    query = call.query
    wanted = AlarmFilter(
        query.get("kind"), query.get("colour"), query.get("status"), query.get("department"), query.get("case")
    )
    return Answer(list_alarms(connection, call.actor, wanted, asked_page(call)))


@endpoints.get("/alarms/<number:alarm_id>", answer=schemas.Alarm(), codes=("not_found",))
def read_one_alarm(call: Call, connection: Connection, alarm_id: int) -> Answer:
    """One alarm with its evidence, its rule and the rule's version."""
    found = read_alarm(connection, call.actor, alarm_id)
    if found is None:
        raise not_found("该预警", f"alarm {alarm_id}")
    return Answer(found)


@endpoints.get(
    "/supervision-orders",
    answer=schemas.page_of(other_schemas.OrderRow()),
    query=OrderQuery(),
    codes=("not_permitted",),
)
def find_orders(call: Call, connection: Connection) -> Answer:
    """Supervision orders of the departments that the person supervises."""
    _require_supervisor(call)
    query = call.query
    wanted = OrderFilter(query.get("rung"), query.get("status"), query.get("department"), query.get("case"))
    return Answer(list_orders(connection, call.actor, wanted, asked_page(call)))


@endpoints.get("/supervision-orders/<code:order_number>", answer=other_schemas.Order(), codes=("not_found",))
def read_one_order(call: Call, connection: Connection, order_number: str) -> Answer:
    """One order with its alarms, its messages and the tasks of its own case."""
    found = read_order(connection, call.web.services, call.actor, order_number)
    if found is None:
        raise not_found("该督办单", f"supervision order {order_number}")
    parts = {
        "alarms": found.alarms,
        "messages": found.messages,
        "user_tasks": found.user_tasks,
        "steps_done": found.steps_done,
    }
    return Answer({**asdict(found.row), **parts}, version=found.row.version)


@endpoints.get("/notices", answer=schemas.page_of(other_schemas.Notice()), query=NoticeQuery())
def find_notices(call: Call, connection: Connection) -> Answer:
    """What was sent to whom by which channel: one's own, and for supervisors that of their departments."""
    wanted = NoticeFilter(call.query.get("case"), call.query.get("recipient"))
    return Answer(list_notices(connection, call.actor, wanted, asked_page(call)))


class NewResult(Body):
    """`ground` must be given unless the alarm is confirmed."""

    result = Choice(*RESULTS, required=True)
    ground = Text(500)


@endpoints.post(
    "/alarms/<number:alarm_id>/result",
    answer=schemas.Alarm(),
    body=NewResult(),
    codes=("not_found", "not_permitted", "move_refused"),
)
def settle_one_alarm(call: Call, connection: Connection, alarm_id: int) -> Answer:
    """What an alarm came to: confirmed, excused with its ground, or false. Nobody settles what concerns himself."""
    command = SettleAlarm(alarm_id, call.body["result"], call.body.get("ground") or "")
    settle_alarm(connection, call.web.services, call.actor, command, call.now)
    found = read_alarm(connection, call.actor, alarm_id)
    if found is None:
        raise not_found("该预警", f"alarm {alarm_id}")
    return Answer(found)


class RuleSetting(Body):
    """`value`: nothing for the county, else the code of the category, department or item."""

    scope = Choice(*SCOPES, required=True)
    value = Text(40)
    figures = fields.Dict(keys=Text(40), values=Count(0, 10_000_000), required=True)
    enabled = Choice("yes", "no", required=True)
    reason = Text(500, required=True)


@endpoints.get("/alarm-rules", answer=other_schemas.AlarmRules(), permission="read_definitions")
def find_rules(call: Call, connection: Connection) -> Answer:
    """The rules of supervision with their figures, and what the county has chosen for them."""
    found = read_rules(connection, call.web.services.rule_book)
    return Answer({"items": found, "total": len(found), "next": None})


@endpoints.put(
    "/alarm-rules/<code:code>",
    answer=other_schemas.AlarmRule(),
    body=RuleSetting(),
    permission="set_thresholds",
    codes=("not_found",),
)
def choose_for_rule(call: Call, connection: Connection, code: str) -> Answer:
    """Choose other figures for a rule in a scope, or switch it off there; with its reason."""
    body = call.body
    command = SetAlarmRule(
        code, body["scope"], body.get("value") or "", body["figures"], body["enabled"] == "yes", body["reason"]
    )
    set_alarm_rule(connection, call.web.services, call.actor, command, call.now)
    return Answer(next(one for one in read_rules(connection, call.web.services.rule_book) if one.code == code))
