"""The secret that goes with a case's number: who has both may follow the case and answer for the applicant."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode

LENGTH = 10
# Base32 has neither 0 nor 1; who reads a secret off paper may write them for O and I.
_READ_AS = str.maketrans({"0": "O", "1": "I", "8": "B", " ": "", "-": ""})


def secret_of(key: bytes, number: str) -> str:
    """Ten Base32 characters (50 bits) of HMAC-SHA256 over the number: nothing to store, nothing to lose."""
    digest = hmac.new(key, b"case/" + number.encode(), hashlib.sha256).digest()
    return b32encode(digest).decode()[:LENGTH]


def is_secret_of(key: bytes, number: str, given: str) -> bool:
    """Whether a secret is the number's; compared in constant time, upper and lower case alike."""
    cleaned = given.upper().translate(_READ_AS)[:64]
    return hmac.compare_digest(secret_of(key, number).encode(), cleaned.encode())
