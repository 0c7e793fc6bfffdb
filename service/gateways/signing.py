"""HMAC-SHA256 (RFC 2104) over timestamp and body, the same for every gateway and in both directions."""

from __future__ import annotations

import hmac
from datetime import datetime

TIMESTAMP_HEADER = "X-Timestamp"
SIGNATURE_HEADER = "X-Signature"
# Five minutes bear clocks that differ and a slow line, and bound how long a recorded message can be replayed.
MAX_SKEW_SECONDS = 300


def timestamp_of(now: datetime) -> str:
    """Whole seconds since 1970, as the header carries them. `now` is aware."""
    return str(int(now.timestamp()))


def sign(body: bytes, timestamp: str, key: bytes) -> str:
    """Lower-case hex. The line feed keeps timestamp and body apart, since a timestamp is digits alone."""
    return hmac.new(key, timestamp.encode() + b"\n" + body, "sha256").hexdigest()


def verify(
    body: bytes,
    timestamp: str,
    signature: str,
    key: bytes,
    *,
    now: datetime,
    max_skew_seconds: int = MAX_SKEW_SECONDS,
) -> bool:
    """Whether the key's holder signed this body within the skew of `now`; compared in constant time."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    genuine = hmac.compare_digest(sign(body, timestamp, key).encode(), signature.encode())
    return genuine and abs(now.timestamp() - int(timestamp)) <= max_skew_seconds


def signed_headers(body: bytes, key: bytes, *, now: datetime) -> dict[str, str]:
    """The two headers that go with `body`."""
    timestamp = timestamp_of(now)
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: sign(body, timestamp, key)}
