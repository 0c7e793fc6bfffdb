"""How supervision is plugged in: `main` calls `register`; nothing of the service knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.commands.services import Services
from supervision.orders.opening import answer_order, start_order
from supervision.subscriber import subscriber

# Outbox messages that supervision takes in, each done in a transaction of its own.
Recorder = Callable[[Connection, Services, dict[str, Any], datetime], None]


def register(services: Services) -> Mapping[str, Recorder]:
    """Subscribe to what happens; the outbox kinds that supervision handles."""
    services.subscribers.append(subscriber(services.calendars))
    return {"start_order": start_order, "answer_order": answer_order}
