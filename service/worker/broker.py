"""Whether the broker can be reached, for whoever asks if this installation is ready."""

from __future__ import annotations

import os

from kombu import Connection
from kombu.exceptions import KombuError

from service.log import log
from service.settings import Settings

_CONNECT_SECONDS = 2.0
_QUEUES = ("mingjing", "mingjing.outbox")


def broker_trouble(settings: Settings) -> str:
    """Why the broker cannot be used; empty if it can."""
    if settings.broker_url.startswith("filesystem"):
        return "" if os.access(settings.queue_folder, os.W_OK) else f"Expected a folder at {settings.queue_folder}"
    with Connection(settings.broker_url, connect_timeout=_CONNECT_SECONDS) as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=_CONNECT_SECONDS)
        except (OSError, KombuError) as problem:
            return f"{type(problem).__name__}: {problem}"[:200]
    return ""


def queue_depths(settings: Settings) -> dict[str, int]:
    """How many messages lie in each queue; none where the broker does not answer (/readyz says so)."""
    if settings.broker_url.startswith("filesystem"):
        return {"mingjing": len(list(settings.queue_folder.glob("*.msg")))}
    found = {}
    with Connection(settings.broker_url, connect_timeout=_CONNECT_SECONDS) as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=_CONNECT_SECONDS)
            for name in _QUEUES:
                with connection.channel() as channel:
                    found[name] = int(channel.queue_declare(name, passive=True).message_count)
        except (OSError, KombuError, *connection.channel_errors) as problem:
            log.warning("queue_depths_unknown", why=f"{type(problem).__name__}: {problem}"[:200])
    return found
