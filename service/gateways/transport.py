"""One signed HTTP exchange with a gateway, and the one error it ends in. No retry: the outbox retries."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from service.errors import MingjingError
from service.gateways.signing import signed_headers, verify

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
# RFC 9110: 408 request timeout; RFC 8470: 425 too early; RFC 6585: 429 too many requests.
TRY_AGAIN = frozenset({408, 425, 429})


class GatewayError(MingjingError):
    """What an outside service did not do. `retryable`: the same request may succeed later."""

    def __init__(self, code: str, *, retryable: bool) -> None:
        super().__init__(f"{code} ({'may be tried again' if retryable else 'final'})")
        self.code = code
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where a gateway is, the key shared with it, and the clock that dates our messages."""

    base_url: str
    key: bytes
    now: Callable[[], datetime]

    def post(self, path: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Raises GatewayError; the answer is a JSON object."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        return self._exchange("POST", path, body, signed=body)

    def get(self, path: str) -> dict[str, Any]:
        """As `post`; without a body, the request line is what is signed."""
        return self._exchange("GET", path, b"", signed=f"GET {path}".encode())

    def download(self, path: str) -> bytes:
        """As `get`, of something that is no JSON."""
        return self._answered("GET", path, b"", signed=f"GET {path}".encode()).content

    def read(self, body: bytes, timestamp: str, signature: str) -> dict[str, Any]:
        """What the gateway sent us, once its signature holds; GatewayError `signature_invalid` or `malformed`."""
        if not verify(body, timestamp, signature, self.key, now=self.now()):
            raise GatewayError("signature_invalid", retryable=False)
        return json_object(body, retryable=False)

    def _exchange(self, method: str, path: str, body: bytes, *, signed: bytes) -> dict[str, Any]:
        return json_object(self._answered(method, path, body, signed=signed).content, retryable=True)

    def _answered(self, method: str, path: str, body: bytes, *, signed: bytes) -> requests.Response:
        headers = signed_headers(signed, self.key, now=self.now()) | {"Content-Type": "application/json"}
        response = _send(method, self.base_url + path, body, headers)
        if not 200 <= response.status_code < 300:
            raise _refusal(response)
        return response


def json_object(content: bytes, *, retryable: bool) -> dict[str, Any]:
    """The JSON object in `content`; GatewayError `malformed` otherwise."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise GatewayError("malformed", retryable=retryable) from None
    if not isinstance(answer, dict):
        raise GatewayError("malformed", retryable=retryable)
    return answer


def _send(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> requests.Response:
    import requests  # Most processes send nothing; those that do load it.

    try:
        with requests.Session() as session:
            session.trust_env = not is_loopback(url)  # a proxy of the environment has no business with loopback
            return session.request(
                method, url, data=body, headers=headers, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False
            )
    except requests.Timeout:
        raise GatewayError("timed_out", retryable=True) from None
    except requests.RequestException as problem:
        if isinstance(problem, ValueError):  # an address that cannot be asked at all
            raise GatewayError("request_invalid", retryable=False) from None
        raise GatewayError("unreachable", retryable=True) from None


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refusal(response: requests.Response) -> GatewayError:
    status = response.status_code
    retryable = status >= 500 or status in TRY_AGAIN
    try:
        code = json_object(response.content, retryable=retryable).get("code")
    except GatewayError:
        code = None
    return GatewayError(code if isinstance(code, str) and code else f"http_{status}", retryable=retryable)
