"""网下运行: somebody complains of what the office has done, and there is no case of it."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, OrderSeen
from supervision.rules.rule import Choose, Finding, Rule, order_row

# Where an order comes from that somebody outside, or an inspection, has found.
_FOUND = {"complaint": ("投诉", "complaint"), "inspection": ("检查发现", "finding")}


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for order in facts.orders:
        if order.source in _FOUND and not order.about_a_case and choose(order.case.place) is not None:
            yield _finding(order)


def _finding(order: OrderSeen) -> Finding:
    zh, en = _FOUND[order.source]
    return Finding(
        RULE,
        "yellow",
        f"order/{order.case.id}/caseless",
        f"order/{order.case.id}",
        order.case.place,
        f"{zh}所涉事项没有办件，须查明是否网下运行",
        f"A {en} is about something that no case is of: was it done off the system?",
        (order_row(order, zh, en),),
    )


RULE = Rule(
    "off_system.complaint",
    1,
    "投诉或者检查发现所涉的事项没有办件。",
    "A complaint or a finding is about something that no case is of.",
    "S7, DOMAIN 5",
    find,
)
