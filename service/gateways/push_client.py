"""The county's side of the push gateway of its own app: messages out, by the name that a person has there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from service.gateways.transport import Gateway, GatewayError


class PushClient:
    """`key` is shared with the gateway; `now` dates our messages."""

    def __init__(self, base_url: str, key: bytes, *, now: Callable[[], datetime]) -> None:
        self._gateway = Gateway(base_url.rstrip("/"), key, now)

    def send(self, to: str, text: str, *, idempotency_key: str) -> str:
        """The gateway's id of the message. The same key again gives the same id and sends nothing twice.

        GatewayError as the gateway answers; `malformed` for an answer without an id.
        """
        answer = self._gateway.post("/pushes", {"to": to, "text": text, "idempotency_key": idempotency_key})
        number = answer.get("id")
        if not isinstance(number, str) or not number:
            raise GatewayError("malformed", retryable=True)
        return number
