"""How supervision is plugged in: `main` calls `register`; nothing of the service knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from service.commands.compare_treasury import compare_daily
from service.commands.decide_difference import ORDER_KIND
from service.commands.services import Services
from supervision.attending import remind_absent
from supervision.orders.from_differences import order_about_differences
from supervision.orders.opening import answer_order, start_order
from supervision.previewing import preview_rule
from supervision.remembering import Memory
from supervision.rules.registry import RULES
from supervision.rules.rule import rule_words
from supervision.subscriber import subscriber
from supervision.watching import watch

# Outbox messages that supervision takes in, each done in a transaction of its own.
Recorder = Callable[[Connection, Services, dict[str, Any], datetime], None]


def register(services: Services) -> Mapping[str, Recorder]:
    """Subscribe to what happens, look from time to time; the outbox kinds that supervision handles."""
    services.subscribers.append(subscriber(services.calendars))
    services.passes += [partial(watch, memory=Memory()), remind_absent, compare_daily]
    services.preview_rule = preview_rule
    services.rule_book.extend(rule_words(rule) for rule in RULES.values())
    return {"start_order": start_order, "answer_order": answer_order, ORDER_KIND: order_about_differences}
