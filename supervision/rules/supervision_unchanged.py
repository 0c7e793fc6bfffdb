"""监察缺位: an order was answered and what it was about happened again, or goes on as before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from supervision.facts import Facts, OrderSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule, order_row


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    last = _last_answered(facts.orders)
    for order in facts.orders:
        figures = choose(order.case.place)
        if figures is None or order.answered_at is None or order.answerer_id is None:
            continue
        # On a day of rest nobody mends anything.
        until = facts.calendar.add_working_days(order.answered_at, figures["days"])
        again = [row for row in order.again if last[row["alarm"]] == order.case.id]
        if (not order.mended and facts.now > until) or _again(again, figures["again"]):
            yield _finding(order, again)


def _last_answered(orders: Sequence[OrderSeen]) -> dict[int, int]:
    """The order by alarm that came again: of those answered before it the last, whose answer has changed nothing.

    An earlier answer had its time until the next order about the same; counted for each of them, one bad month of a
    busy person would be an alarm for every order that he has had in it.
    """
    last: dict[int, int] = {}
    answered = [(order.answered_at, order) for order in orders if order.answered_at is not None]
    for _, order in sorted(answered, key=lambda pair: pair[0]):
        last.update((row["alarm"], order.case.id) for row in order.again)
    return last


def _again(again: Sequence[Mapping[str, Any]], often: int) -> bool:
    """The same step of the same case once more; or the same person so often that the order has changed nothing.

    Once more in another case is an alarm and an order of its own: whoever answered for the first has not failed yet.
    """
    return len(again) >= often or any(row.get("same_step") for row in again)


def _finding(order: OrderSeen, again: Sequence[Mapping[str, Any]]) -> Finding:
    return Finding(
        RULE,
        "red",
        f"order/{order.case.id}/unchanged",
        f"case/{order.case.id}",
        order.case.place,
        f"督办单 {order.case.number} 已答复，问题仍在或者再次发生",
        f"Order {order.case.number} was answered, but what it is about goes on or came again",
        (order_row(order, "答复后没有变化", "No change after the answer"), *again),
        case_id=order.case.id,
        person_id=order.answerer_id,
    )


RULE = Rule(
    "supervision.unchanged",
    3,
    "督办单答复后问题没有改变（只答不改）：仍在继续，同一环节再次发生，或者同一人一月内一再发生。",
    "An order is answered and nothing changes: it goes on, or the same step or person does it again and again.",
    "S18",
    find,
    {
        "days": Figure(3, 1, 60, "答复后工作日", "working days after the answer"),
        "again": Figure(3, 1, 50, "一月内再犯次数", "times again within a month"),
    },
)
