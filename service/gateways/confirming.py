"""The second step by a device of the person (本人操作): the seam that a phone, a smart card or another device fits.

Whatever asks the person takes a `Question` and later sends an `Answer`, signed with the key that it shares with us. The
person gives the device the number that our page shows, so that nobody confirms what somebody else has asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

from service.gateways.transport import Gateway, GatewayError

ANSWERS = frozenset({"approved", "refused"})


@dataclass(frozen=True, slots=True)
class Question:
    """`to` is how the device's owner is known there; `words` what is shown: who asks, from where, for what."""

    id: str
    to: str
    words_zh: str
    words_en: str
    expires_at: datetime
    callback_url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`number` is what the person has read off our page; empty where the person has refused."""

    id: str
    answer: str
    number: str


class Confirmer(Protocol):
    """A way to ask a person by a device. Both raise GatewayError."""

    def ask(self, question: Question) -> None:
        """Show the question on the person's device; the same id again shows nothing twice."""

    def read_answer(self, body: bytes, timestamp: str, signature: str) -> Answer:
        """What the device's side sent us, once its signature holds."""


class PhoneConfirmer:
    """By push to the county's app on the person's phone, through its gateway. `now` dates our messages and theirs."""

    def __init__(self, base_url: str, key: bytes, *, now: Callable[[], datetime]) -> None:
        self._gateway = Gateway(base_url.rstrip("/"), key, now)

    def ask(self, question: Question) -> None:
        """GatewayError `number_refused` for a phone that the gateway does not know of."""
        self._gateway.post("/confirmations", asdict(question) | {"expires_at": question.expires_at.isoformat()})

    def read_answer(self, body: bytes, timestamp: str, signature: str) -> Answer:
        """GatewayError `signature_invalid` or `malformed`."""
        given = self._gateway.read(body, timestamp, signature)
        number, answer, digits = given.get("id"), given.get("answer"), given.get("number", "")
        if not (isinstance(number, str) and 0 < len(number) <= 64 and answer in ANSWERS and isinstance(digits, str)):
            raise GatewayError("malformed", retryable=False)
        return Answer(number, str(answer), digits[:8])
