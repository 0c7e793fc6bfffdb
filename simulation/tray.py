"""The SMS gateway of a simulated year: a tray in memory, as a year of messages over HTTP takes longer than acts.

It says at once that a message has arrived, as a gateway with its receipts in the answer does; nobody asks again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.clock import Clock
from service.database.rows import write_row
from service.gateways.sms_client import SmsClient
from service.notices.outbox import OutsideSender
from service.notices.people import RECEIPT, SmsSender
from service.settings import Settings


class Tray(SmsClient):
    """Takes every message; all of them arrive."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__("http://127.0.0.1:9", settings.bank_key, now=clock.now)

    def send(self, to: str, text: str, *, idempotency_key: str, receipt_url: str = "") -> str:
        return idempotency_key


class TraySender(SmsSender):
    def follow(self, connection: Connection, row: Any, now: datetime) -> None:
        write_row(connection, RECEIPT, {"b_id": row.id, "status": "delivered", "now": now})


def messages_in_memory(settings: Settings, clock: Clock) -> dict[str, OutsideSender]:
    """The outbox's sender of text messages."""
    return {"sms": TraySender(Tray(settings, clock))}
