"""What commands need beside the connection: settings, caches, and those who are told what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from service.alarms.rule_book import RulePreview, RuleWords, WantedChoice
from service.attachments.objects import file_store
from service.attachments.store import FileStore
from service.cases.happened import CaseFacts, Happened
from service.catalogue.reading import ItemCache
from service.clock import Clock
from service.definitions.bundle import BundleCache
from service.notices.announcing import Audience
from service.reads.calendar import CalendarCache
from service.settings import Settings

if TYPE_CHECKING:
    from service.certificates.signing import SigningKey
    from service.gateways.register_client import RegisterClient

# Told inside the transaction; answers with the alarms that it raised, as plain rows for the act's answer.
Subscriber = Callable[[Connection, CaseFacts, Sequence[Happened], datetime], list[dict[str, Any]]]


# Looks at the county from time to time, by a worker, in a transaction of its own; how much it found.
Pass = Callable[[Connection, "Services", datetime], int]
# What a rule would have raised over the last month if something else had been chosen for it.
Preview = Callable[[Connection, "Services", WantedChoice, datetime], RulePreview]


@dataclass
class Services:
    """One per process; built by `main`."""

    settings: Settings
    clock: Clock
    items: ItemCache
    bundles: BundleCache
    files: FileStore
    calendars: CalendarCache = field(default_factory=CalendarCache)
    audience: Audience = field(default_factory=Audience)
    subscribers: list[Subscriber] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    rule_book: list[RuleWords] = field(default_factory=list)
    # Supervision gives it; an installation without supervision previews nothing.
    preview_rule: Preview | None = None

    @cached_property
    def registers(self) -> RegisterClient | None:
        """Official registers, where this installation knows an address of theirs; only who asks them loads them."""
        settings = self.settings
        if not settings.registers_url:
            return None
        from service.gateways.register_client import RegisterClient

        return RegisterClient(settings.registers_url, settings.registers_key, now=self.clock.now)

    @cached_property
    def signing_key(self) -> SigningKey:
        """What documents are signed with; only who signs loads what signing needs."""
        from service.certificates.signing import SigningKey

        return SigningKey(self.settings)


def build_services(settings: Settings, clock: Clock | None = None) -> Services:
    """Services with empty caches and nobody subscribed."""
    size = settings.definition_cache_size
    files = file_store(settings.files_url, settings.files_folder, settings.upload_limit_bytes)
    return Services(settings, clock or Clock(), ItemCache(size), BundleCache(size), files)
