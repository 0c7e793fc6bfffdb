"""Alarms, supervision orders, and who was told of them."""

from __future__ import annotations

from dataclasses import asdict

from marshmallow import fields
from sqlalchemy import Connection

from service.alarms.rule_book import RESULTS, SCOPES, WantedChoice
from service.commands.alarm_rule_proposal import RULE_OFF, subject_of_rule
from service.commands.open_notices import open_notices
from service.commands.performing import perform
from service.commands.propose import Propose, propose
from service.commands.set_alarm_rule import SetAlarmRule, check_choice, set_alarm_rule
from service.commands.settle_alarm import SettleAlarm, settle_alarm
from service.errors import not_found
from service.people.permissions import may
from service.reads.alarm_rules import read_rules
from service.reads.alarms import AlarmFilter, list_alarms, read_alarm
from service.reads.notices import NoticeFilter, list_notices
from service.reads.orders import DUE_SPANS, OrderFilter, OrderView, due_span, list_orders, read_order
from service.reads.proposals import read_proposal
from service.web.api import other_schemas, schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.dispatch import require_permission
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Text
from service.web.api.proposals import ProposalSchema

endpoints = Endpoints("supervision")


class AlarmQuery(PageQuery):
    kind = Text(32)
    colour = Choice("blue", "yellow", "red")
    status = Text(16)
    department = Text(16)
    case = Text(40)
    rule = Text(60)
    assigned = Choice("me")


class OrderQuery(PageQuery):
    rung = Count(0, 9)
    status = Text(16)
    department = Text(16)
    case = Text(40)
    due = Choice(*DUE_SPANS)


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
        query.get("kind"),
        query.get("colour"),
        query.get("status"),
        query.get("department"),
        query.get("case"),
        query.get("rule"),
        query.get("assigned") == "me",
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
    """Supervision orders of the departments that the person supervises: the newest first, by `due` the soonest."""
    _require_supervisor(call)
    query = call.query
    due, calendar = query.get("due"), call.web.services.calendars.get(connection)
    wanted = OrderFilter(
        query.get("rung"),
        query.get("status"),
        query.get("department"),
        query.get("case"),
        due_span(due, calendar, call.now) if due else None,
    )
    return Answer(list_orders(connection, call.actor, wanted, asked_page(call)))


@endpoints.get("/supervision-orders/<code:order_number>", answer=other_schemas.Order(), codes=("not_found",))
def read_one_order(call: Call, connection: Connection, order_number: str) -> Answer:
    """One order with its alarms, its messages and the tasks of its own case; that one has opened it is kept."""
    found = read_order(connection, call.web.services, call.actor, order_number)
    if found is None:
        raise not_found("该督办单", f"supervision order {order_number}")
    case_id = found.row.case_id
    perform(call.web.engine, lambda writing: open_notices(writing, call.actor, case_id, call.now))
    return order_answer(found)


def order_answer(found: OrderView) -> Answer:
    """An order as the interface shows it."""
    parts = {
        "alarms": found.alarms,
        "messages": found.messages,
        "user_tasks": found.user_tasks,
        "steps_done": found.steps_done,
        "extensions": found.extensions,
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


class WantedRule(Body):
    """What one thinks of choosing, without a reason."""

    scope = Choice(*SCOPES, required=True)
    value = Text(40)
    figures = fields.Dict(keys=Text(40), values=Count(0, 10_000_000), required=True)
    enabled = Choice("yes", "no", required=True)


@endpoints.post(
    "/alarm-rules/<code:code>/preview",
    answer=other_schemas.RulePreview(),
    body=WantedRule(),
    permission="set_thresholds",
    acts=False,
    codes=("not_found", "invalid_request"),
)
def preview_choice(call: Call, connection: Connection, code: str) -> Answer:
    """What the rule would have raised over the last month if this were chosen; nothing is changed."""
    body, services = call.body, call.web.services
    scope, value, enabled = body["scope"], body.get("value") or "", body["enabled"] == "yes"
    check_choice(connection, services, SetAlarmRule(code, scope, value, body["figures"], enabled, ""))
    if services.preview_rule is None:
        raise not_found("该规则", f"a preview of {code!r}")
    return Answer(
        services.preview_rule(
            connection, services, WantedChoice(code, scope, value, body["figures"], enabled), call.now
        )
    )


class RuleOff(Body):
    """`value`: nothing for the county, else the code of the category, department or item."""

    scope = Choice(*SCOPES, required=True)
    value = Text(40)
    reason = Text(500, required=True)


@endpoints.post(
    "/alarm-rules/<code:code>/proposals",
    answer=ProposalSchema(),
    status=201,
    body=RuleOff(),
    permission="set_thresholds",
    codes=("not_found", "invalid_request", "move_refused"),
)
def propose_rule_off(call: Call, connection: Connection, code: str) -> Answer:
    """Propose to switch a rule off in a scope; another person decides."""
    content = {"scope": call.body["scope"], "value": call.body.get("value") or ""}
    command = Propose(RULE_OFF, subject_of_rule(code), content, call.body["reason"])
    proposal_id = propose(connection, call.web.services, call.actor, command, call.now)
    return Answer(read_proposal(connection, proposal_id))


@endpoints.put(
    "/alarm-rules/<code:code>",
    answer=other_schemas.AlarmRule(),
    body=RuleSetting(),
    permission="set_thresholds",
    codes=("not_found", "move_refused", "invalid_request"),
)
def choose_for_rule(call: Call, connection: Connection, code: str) -> Answer:
    """Choose other figures for a rule in a scope, or switch it off there; with its reason."""
    body = call.body
    command = SetAlarmRule(
        code, body["scope"], body.get("value") or "", body["figures"], body["enabled"] == "yes", body["reason"]
    )
    set_alarm_rule(connection, call.web.services, call.actor, command, call.now)
    return Answer(next(one for one in read_rules(connection, call.web.services.rule_book) if one.code == code))
