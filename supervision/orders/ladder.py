"""The ladder of an order: what each step of its diagram means for rung, state, and who is told by SMS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from service.cases.happened import CaseFacts, OrderMoved
from service.database.tables import alarm, order_alarm, supervision_order
from service.database.types import Instant
from service.notices.writing import Recipient, notify
from service.people.queries import holders_of

# operation of the diagram -> (rung that the order then stands on, posts that are told, kind of notice, words)
LADDER: Mapping[str, tuple[int, tuple[str, ...], str, str]] = {
    "notify_level1": (
        2,
        ("sup1",),
        "order_level1",
        "督办单 {number}：{demand}，请在 4 个工作小时内签收、1 个工作日内答复。",
    ),
    "notify_level2": (3, ("sup2",), "order_level2", "督办单 {number} 一级监察员逾期未办，请督促：{demand}"),
    "notify_urged": (3, ("sup1",), "order_urged", "二级监察员督促：督办单 {number} 请在 1 个工作日内答复。{demand}"),
    "notify_centre": (
        4,
        ("centre", "head"),
        "order_centre",
        "督办单 {number} 经两级督促仍未答复，提请控制中心和主要负责人处理。",
    ),
}
# task completed -> the order's state
STATES: Mapping[str, str] = {"sign": "signed", "answer": "answered", "urge": "", "centre_demand": ""}
# items.yaml, meta.escalation_defaults, rung 5: a circular or an interview is proposed.
PROPOSALS = frozenset({"circular", "interview"})


def moved(connection: Connection, facts: CaseFacts, fact: OrderMoved, now: datetime) -> None:
    """Follow one step of the order's diagram."""
    order = connection.execute(
        select(supervision_order).where(supervision_order.c.case_id == facts.case_id)
    ).one_or_none()
    if order is None:
        return
    if fact.operation in LADDER:
        _climb(connection, facts, order, fact.operation, now)
    elif fact.operation == "completed":
        _completed(connection, facts, fact, now)


def _climb(connection: Connection, facts: CaseFacts, order: Any, operation: str, now: datetime) -> None:
    rung, posts, kind, words = LADDER[operation]
    _set(connection, facts.case_id, {"rung": max(rung, order.rung)})
    people = [row for post in posts for row in holders_of(connection, post, facts.department)]
    notify(
        connection,
        [Recipient(name, mobile, person_id) for person_id, name, mobile in people],
        case_id=facts.case_id,
        kind=kind,
        text=words.format(number=facts.number, demand=order.demand.rstrip("。")),
        now=now,
        sms=True,
    )


def _completed(connection: Connection, facts: CaseFacts, fact: OrderMoved, now: datetime) -> None:
    state = STATES.get(fact.element_id)
    if state == "signed":
        _set(connection, facts.case_id, {"status": "signed"})
    elif state == "answered":
        _set(connection, facts.case_id, {"status": "answered", "answered_at": now})
    elif fact.element_id == "confirm":
        _confirmed(connection, facts, fact.answers, now)
    elif fact.element_id == "centre_demand":
        _demanded(connection, facts, fact.answers, now)


def _demanded(connection: Connection, facts: CaseFacts, answers: Mapping[str, Any], now: datetime) -> None:
    """The centre has spoken to level 2; with a circular or an interview it goes to the fifth rung."""
    if answers.get("proposal") in PROPOSALS:
        _set(connection, facts.case_id, {"rung": 5})
    _close_idleness(connection, facts, ("urge",), str(answers.get("centre_demand", "")), now)


def _confirmed(connection: Connection, facts: CaseFacts, answers: Mapping[str, Any], now: datetime) -> None:
    """Accepted closes the order and its alarms; returned opens it again."""
    if answers.get("confirm_result") != "accepted":
        _set(connection, facts.case_id, {"status": "signed", "answered_at": None})
        return
    _set(connection, facts.case_id, {"status": "closed", "closed_at": now})
    linked = select(order_alarm.c.alarm_id).where(order_alarm.c.order_case_id == facts.case_id)
    connection.execute(
        update(alarm)
        .where(alarm.c.id.in_(linked))
        .values(
            status="closed",
            closed_at=now,
            ground=func.coalesce(alarm.c.ground, str(answers.get("confirm_opinion", ""))[:500]),
            result=func.coalesce(alarm.c.result, "confirmed"),
            result_at=func.coalesce(alarm.c.result_at, bindparam("result_at", now, type_=Instant)),
        )
    )
    _close_idleness(connection, facts, ("sign", "answer"), str(answers.get("confirm_opinion", "")), now)


def _close_idleness(
    connection: Connection, facts: CaseFacts, steps: tuple[str, ...], ground: str, now: datetime
) -> None:
    """Alarms about an idle supervisor (监察缺位) are closed by whoever stands above him, never by himself."""
    connection.execute(
        update(alarm)
        .where(alarm.c.case_id == facts.case_id, alarm.c.element_id.in_(steps), alarm.c.status != "closed")
        .values(status="closed", closed_at=now, ground=ground[:500])
    )


def _set(connection: Connection, case_id: int, values: dict[str, Any]) -> None:
    connection.execute(update(supervision_order).where(supervision_order.c.case_id == case_id).values(**values))
