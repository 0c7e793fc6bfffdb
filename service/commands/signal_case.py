"""Another part of the product tells a case something: a message that its diagram waits for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.commands.act import CaseAct
from service.commands.fire_timers import current
from service.commands.services import Services
from service.commands.writing import settle
from service.reads.hot import hot_by_id


def signal_case(
    connection: Connection, services: Services, case_id: int, message: str, values: Mapping[str, Any], now: datetime
) -> bool:
    """Give the message to the case; False if the case has ended or no step waits for it."""
    row = current(connection, services, lambda: hot_by_id(connection, case_id), now)
    if row is None or row.case_status in ("completed", "terminated"):
        return False
    act = CaseAct(connection, services, row, now)
    act.load()
    if act.run.receive(message, {}) is None:
        return False
    act.note("message_received", None, kind=message, **values)
    settle(act, act.run.outcome())
    return True
