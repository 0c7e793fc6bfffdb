"""Alarms, supervision orders, and who was told of them."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection

from service.errors import not_found
from service.people.permissions import may
from service.reads.alarms import AlarmFilter, list_alarms, read_alarm
from service.reads.notices import NoticeFilter, list_notices
from service.reads.orders import OrderFilter, list_orders, read_order
from service.web.api import other_schemas, schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.dispatch import require_permission
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Choice, Count, Text

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
