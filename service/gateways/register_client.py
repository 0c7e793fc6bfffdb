"""The county's side of official registers: one subject at a time, with the purpose; a circuit opens when they fail.

After a few failures in a row nobody waits for a register that does not answer: it is not asked for half a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from circuitbreaker import CircuitBreaker, CircuitBreakerError

from service.gateways.transport import Gateway, GatewayError

_PATHS: Final[Mapping[str, str]] = {"organisation": "/organisations/", "resident": "/residents/"}
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "organisation": ("name", "legal_representative", "address"),
    "resident": ("name",),
}
FAILURES: Final = 4
OPEN_SECONDS: Final = 30
_LONGEST: Final = 400


class RegisterClient:
    """`key` is shared with the registers; `now` dates our questions. One circuit for each register."""

    def __init__(
        self, base_url: str, key: bytes, *, now: Callable[[], datetime], open_seconds: float = OPEN_SECONDS
    ) -> None:
        self._gateway = Gateway(base_url.rstrip("/"), key, now)
        self._circuits = {
            name: CircuitBreaker(FAILURES, open_seconds, expected_exception=_counts, name=name) for name in _PATHS
        }

    def ask(self, register: str, subject: str, *, purpose: str, reference: str) -> dict[str, str] | None:
        """What the register says of the subject; None if it knows none.

        GatewayError otherwise, `circuit_open` while it is not asked at all.
        """
        path = f"{_PATHS[register]}{quote(subject, safe='')}?" + urlencode({"purpose": purpose, "reference": reference})
        circuit = self._circuits[register]
        if circuit.opened:
            raise GatewayError("circuit_open", retryable=True)
        try:
            answer = circuit.call(self._gateway.get, path)
        except CircuitBreakerError:
            raise GatewayError("circuit_open", retryable=True) from None
        except GatewayError as problem:
            if problem.code == "not_found":
                return None
            raise
        return {part: _text(answer, part) for part in _PARTS[register]}


def _counts(_kind: type, problem: BaseException) -> bool:
    """What a register answers for good is no failure of it."""
    return isinstance(problem, GatewayError) and problem.retryable


def _text(answer: Mapping[str, Any], part: str) -> str:
    value = answer.get(part)
    if not isinstance(value, str) or not value or len(value) > _LONGEST:
        raise GatewayError("malformed", retryable=True)
    return value
