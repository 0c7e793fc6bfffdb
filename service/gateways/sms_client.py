"""The county's side of the SMS gateway: messages out, delivery receipts in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from service.gateways.transport import Gateway, GatewayError

STATUSES = frozenset({"queued", "delivered", "undelivered"})


@dataclass(frozen=True, slots=True)
class SmsReceipt:
    """Where a message stands: `queued` (no word of it yet), `delivered` or `undelivered`."""

    message_id: str
    to: str
    status: str


class SmsClient:
    """`key` is shared with the gateway; `now` dates our messages and judges the age of theirs."""

    def __init__(self, base_url: str, key: bytes, *, now: Callable[[], datetime]) -> None:
        self._gateway = Gateway(base_url.rstrip("/"), key, now)

    def send(self, to: str, text: str, *, idempotency_key: str, receipt_url: str = "") -> str:
        """The gateway's id of the message. The same key again gives the same id and sends nothing twice.

        With `receipt_url` the gateway tells the outcome there; without it, ask `status`.
        GatewayError `number_refused` is final; `unavailable` may be tried again.
        """
        payload = {"to": to, "text": text, "idempotency_key": idempotency_key, "receipt_url": receipt_url}
        return _receipt(self._gateway.post("/messages", payload)).message_id

    def status(self, message_id: str) -> SmsReceipt:
        """GatewayError `not_found` for an id that the gateway never gave, or has forgotten."""
        return _receipt(self._gateway.get(f"/messages/{quote(message_id, safe='')}"))

    def read_receipt(self, body: bytes, timestamp: str, signature: str) -> SmsReceipt:
        """The outcome that the gateway sent; GatewayError `signature_invalid` or `malformed`."""
        return _receipt(self._gateway.read(body, timestamp, signature))


def _receipt(answer: dict[str, Any]) -> SmsReceipt:
    message_id, to, status = answer.get("id"), answer.get("to"), answer.get("status")
    if not (isinstance(message_id, str) and message_id and isinstance(to, str) and status in STATUSES):
        raise GatewayError("malformed", retryable=False)
    return SmsReceipt(message_id, to, str(status))
