"""What commands need beside the connection: settings, caches, and those who are told what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.cases.happened import CaseFacts, Happened
from service.catalogue.reading import ItemCache
from service.clock import Clock
from service.definitions.bundle import BundleCache
from service.notices.announcing import Audience
from service.reads.calendar import CalendarCache
from service.settings import Settings

# Told inside the transaction; answers with the alarms that it raised, as plain rows for the act's answer.
Subscriber = Callable[[Connection, CaseFacts, Sequence[Happened], datetime], list[dict[str, Any]]]


@dataclass
class Services:
    """One per process; built by `main`."""

    settings: Settings
    clock: Clock
    items: ItemCache
    bundles: BundleCache
    calendars: CalendarCache = field(default_factory=CalendarCache)
    audience: Audience = field(default_factory=Audience)
    subscribers: list[Subscriber] = field(default_factory=list)


def build_services(settings: Settings, clock: Clock | None = None) -> Services:
    """Services with empty caches and nobody subscribed."""
    size = settings.definition_cache_size
    return Services(settings, clock or Clock(), ItemCache(size), BundleCache(size))
