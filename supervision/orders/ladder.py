"""The ladder of an order: what each step of its diagram means for rung, state, and who is told by SMS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from service.cases.happened import CaseFacts, OrderMoved
from service.database.rows import read_row
from service.database.tables import alarm, order_alarm, person, supervision_order
from service.database.types import Instant
from service.notices.writing import Recipient, notify
from service.people.queries import holders_of


@dataclass(frozen=True, slots=True)
class Step:
    """What an operation of the diagram means: the rung that the order then stands on, and who is told in which words.

    `posts` may name HANDLER, whom the order itself names.
    """

    rung: int
    posts: tuple[str, ...]
    kind: str
    words: str


HANDLER = "handler"
LADDER: Mapping[str, Step] = {
    "notify_level1": Step(
        2, ("sup1",), "order_level1", "督办单 {number}：{demand}，请在 4 个工作小时内签收、1 个工作日内答复。"
    ),
    "notify_handler": Step(
        2,
        (HANDLER,),
        "order_handler",
        "一级监察员督办：督办单 {number} {demand}，请在 4 个工作小时内签收、1 个工作日内说明并整改。",
    ),
    "notify_returned": Step(
        2, (HANDLER,), "order_handler", "督办单 {number} 整改未到位，已退回，请在 1 个工作日内重新整改。{demand}"
    ),
    "notify_judge": Step(
        2, ("sup1",), "order_judge", "督办单 {number} 经办人已说明并整改，请在 1 个工作日内认定。{demand}"
    ),
    "notify_confirm": Step(
        2, ("sup2",), "order_confirm", "督办单 {number} 已答复，请在 1 个工作日内确认是否认可。{demand}"
    ),
    "notify_confirm_late": Step(
        4, ("centre",), "order_confirm_late", "督办单 {number} 的答复逾期未确认，提请控制中心处理。{demand}"
    ),
    "notify_late": Step(2, ("sup1",), "order_handler_late", "督办单 {number} 经办人逾期未办，已报二级监察员。{demand}"),
    "notify_level2": Step(3, ("sup2",), "order_level2", "督办单 {number} 一级监察员逾期未办，请督促：{demand}"),
    "notify_urged": Step(
        3, ("sup1",), "order_urged", "二级监察员督促：督办单 {number} 请在 1 个工作日内答复。{demand}"
    ),
    "notify_centre": Step(
        4, ("centre", "head"), "order_centre", "督办单 {number} 经两级督促仍未答复，提请控制中心和主要负责人处理。"
    ),
}
# task completed -> the order's state
STATES: Mapping[str, str] = {"sign": "signed", "handler_sign": "signed", "answer": "answered", "urge": ""}
# Steps whose lateness is closed by whoever closes the order from above.
BELOW = ("sign", "answer", "judge", "handler_sign", "handler_answer")
# items.yaml, meta.escalation_defaults, rung 5: a circular or an interview is proposed.
PROPOSALS = frozenset({"circular", "interview"})
_PERSON = select(person.c.id, person.c.name, person.c.mobile).where(person.c.id == bindparam("person_id"))

_ORDER = select(supervision_order).where(supervision_order.c.case_id == bindparam("case_id"))


def moved(connection: Connection, facts: CaseFacts, fact: OrderMoved, now: datetime) -> None:
    """Follow one step of the order's diagram."""
    order = read_row(connection, _ORDER, {"case_id": facts.case_id})
    if order is None:
        return
    if fact.operation in LADDER:
        _climb(connection, facts, order, fact.operation, now)
    elif fact.operation == "completed":
        _completed(connection, facts, fact, now)
    elif fact.operation == "settle_level1":
        _close(connection, facts, str(fact.answers.get("judge_opinion", "")), now)


def _climb(connection: Connection, facts: CaseFacts, order: Any, operation: str, now: datetime) -> None:
    step = LADDER[operation]
    _set(connection, facts.case_id, {"rung": max(step.rung, order.rung)})
    people = [row for post in step.posts for row in _people(connection, facts, order, post)]
    notify(
        connection,
        [Recipient(name, mobile, person_id) for person_id, name, mobile in people],
        case_id=facts.case_id,
        kind=step.kind,
        text=step.words.format(number=facts.number, demand=order.demand.rstrip("。")),
        now=now,
        sms=True,
    )


def _people(connection: Connection, facts: CaseFacts, order: Any, post: str) -> list[tuple[int, str, str | None]]:
    if post != HANDLER:
        return holders_of(connection, post, facts.department)
    rows = connection.execute(_PERSON, {"person_id": order.handler_id})
    return [(row.id, row.name, row.mobile) for row in rows]


def _completed(connection: Connection, facts: CaseFacts, fact: OrderMoved, now: datetime) -> None:
    state = STATES.get(fact.element_id)
    if state == "signed":
        _set(connection, facts.case_id, {"status": "signed"})
    elif state == "answered":
        _set(connection, facts.case_id, {"status": "answered", "answered_at": now})
    elif fact.element_id == "judge" and fact.answers.get("judge_result") == "accepted":
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
    _close(connection, facts, str(answers.get("confirm_opinion", "")), now)
    _close_idleness(connection, facts, BELOW, str(answers.get("confirm_opinion", "")), now)


def _close(connection: Connection, facts: CaseFacts, ground: str, now: datetime) -> None:
    """The order and its alarms."""
    _set(connection, facts.case_id, {"status": "closed", "closed_at": now})
    linked = select(order_alarm.c.alarm_id).where(order_alarm.c.order_case_id == facts.case_id)
    connection.execute(
        update(alarm)
        .where(alarm.c.id.in_(linked))
        .values(
            status="closed",
            closed_at=now,
            ground=func.coalesce(alarm.c.ground, ground[:500]),
            result=func.coalesce(alarm.c.result, "confirmed"),
            result_at=func.coalesce(alarm.c.result_at, bindparam("result_at", now, type_=Instant)),
        )
    )


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
