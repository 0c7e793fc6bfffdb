"""监察缺位: an order was answered and what it was about happened again, or goes on as before."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, OrderSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule, order_row


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for order in facts.orders:
        figures = choose(order.case.place)
        if figures is None or order.answered_at is None or order.answerer_id is None:
            continue
        # On a day of rest nobody mends anything.
        until = facts.calendar.add_working_days(order.answered_at, figures["days"])
        if (not order.mended and facts.now > until) or _again(order, figures["again"]):
            yield _finding(order)


def _again(order: OrderSeen, often: int) -> bool:
    """The same step of the same case once more; or the same person so often that the order has changed nothing.

    Once more in another case is an alarm and an order of its own: whoever answered for the first has not failed yet.
    """
    return len(order.again) >= often or any(row.get("same_step") for row in order.again)


def _finding(order: OrderSeen) -> Finding:
    return Finding(
        RULE,
        "red",
        f"order/{order.case.id}/unchanged",
        f"case/{order.case.id}",
        order.case.place,
        f"督办单 {order.case.number} 已答复，问题仍在或者再次发生",
        f"Order {order.case.number} was answered, but what it is about goes on or came again",
        (order_row(order, "答复后没有变化", "No change after the answer"), *order.again),
        case_id=order.case.id,
        person_id=order.answerer_id,
    )


RULE = Rule(
    "supervision.unchanged",
    2,
    "督办单答复后问题没有改变（只答不改）：仍在继续，同一环节再次发生，或者同一人一月内一再发生。",
    "An order is answered and nothing changes: it goes on, or the same step or person does it again and again.",
    "S18",
    find,
    {
        "days": Figure(3, 1, 60, "答复后工作日", "working days after the answer"),
        "again": Figure(3, 1, 50, "一月内再犯次数", "times again within a month"),
    },
)
