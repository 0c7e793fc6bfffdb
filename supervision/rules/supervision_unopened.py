"""监察缺位: an order was sent and nobody whom it was sent to has opened it."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, OrderSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule, order_row


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for order in facts.orders:
        figures = choose(order.case.place)
        if figures is None or order.told_at is None or order.seen_at is not None or order.answered_at is not None:
            continue
        if facts.now > facts.calendar.add_office_hours(order.told_at, figures["hours"]):
            yield _finding(order, figures["hours"])


def _finding(order: OrderSeen, hours: int) -> Finding:
    return Finding(
        RULE,
        "yellow",
        f"order/{order.case.id}/unopened",
        f"case/{order.case.id}",
        order.case.place,
        f"督办单 {order.case.number} 发出 {hours} 个工作小时后仍无人打开",
        f"Nobody has opened order {order.case.number} within {hours} office hours",
        (order_row(order, "尚未打开", "Not opened yet"),),
        case_id=order.case.id,
    )


RULE = Rule(
    "supervision.unopened",
    1,
    "督办单发出后逾时无人打开。",
    "Nobody opens an order in time.",
    "S18",
    find,
    {"hours": Figure(2, 1, 40, "工作小时", "office hours")},
)
