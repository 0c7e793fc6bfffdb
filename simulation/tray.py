"""The SMS gateway of a simulated year: a tray in memory, as a year of messages over HTTP takes longer than acts."""

from __future__ import annotations

from service.clock import Clock
from service.gateways.sms_client import SmsClient, SmsReceipt
from service.notices.outbox import OutsideSender
from service.notices.people import SmsReceiptSender, SmsSender
from service.settings import Settings


class Tray(SmsClient):
    """Takes every message; all of them arrive."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__("http://127.0.0.1:9", settings.bank_key, now=clock.now)
        self._to: dict[str, str] = {}

    def send(self, to: str, text: str, *, idempotency_key: str, receipt_url: str = "") -> str:
        self._to[idempotency_key] = to
        return idempotency_key

    def status(self, message_id: str) -> SmsReceipt:
        return SmsReceipt(message_id, self._to[message_id], "delivered")


def messages_in_memory(settings: Settings, clock: Clock) -> dict[str, OutsideSender]:
    """The outbox's senders of text messages and of their receipts."""
    tray = Tray(settings, clock)
    return {"sms": SmsSender(tray), "sms_receipt": SmsReceiptSender(tray)}
