"""监察缺位: an order was answered bare: no file shows what was done, or a few words stand for it."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, OrderSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule, order_row


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for order in facts.orders:
        figures = choose(order.case.place)
        if figures is None or order.answerer_id is None:
            continue
        if order.files < figures["files"] and len(order.answer.strip()) < figures["letters"]:
            yield _finding(order)


def _finding(order: OrderSeen) -> Finding:
    return Finding(
        RULE,
        "yellow",
        f"order/{order.case.id}/bare/{order.answered_at:%Y%m%d%H%M}",
        f"case/{order.case.id}",
        order.case.place,
        f"督办单 {order.case.number} 的答复没有证据，仅 {len(order.answer.strip())} 字",
        f"Order {order.case.number} was answered without evidence, in {len(order.answer.strip())} characters",
        (order_row(order, order.answer, order.answer),),
        case_id=order.case.id,
        person_id=order.answerer_id,
    )


RULE = Rule(
    "supervision.bare",
    1,
    "督办单答复没有证据、敷衍了事。",
    "An order is answered without evidence and in a few words.",
    "S18, DOMAIN 5",
    find,
    {
        "files": Figure(1, 0, 20, "证据文件至少", "least files"),
        "letters": Figure(8, 1, 500, "答复字数少于", "fewer characters than"),
    },
)
