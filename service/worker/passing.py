"""The passes that look at the county from time to time, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from service.commands.services import Services
from service.database.session import transaction
from service.log import log
from service.notices.outbox import always


def run_passes(engine: Engine, services: Services, now: datetime, *, go_on: Callable[[], bool] = always) -> int:
    """Let each pass look once; how much they found. A pass itself knows when it is time again."""
    found = 0
    for look in services.passes:
        if not go_on():
            break
        try:
            with transaction(engine) as connection:
                found += look(connection, services, now)
        except (OperationalError, InterfaceError) as problem:
            log.warning("pass_interrupted", why=str(problem))
    return found
