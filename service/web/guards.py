"""Guards against guessing: after some wrong passwords, codes or secrets from one place, it has to wait.

Only failures count, so that nobody who knows the answer is kept out by their own work. The counters live in this
process; what they protect has enough bits of its own.
"""

from __future__ import annotations

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from service.errors import Refused

SIGN_IN = parse("10/5minutes")
SIGN_IN_OF_ADDRESS = parse("100/5minutes")
SECOND_FACTOR = parse("5/5minutes")
SECRET = parse("20/5minutes")
SECRET_OF_ADDRESS = parse("60/5minutes")
# Payment codes have 60 bits; who types one wrongly a few times goes on, who tries thousands does not.
PAY_CODE = parse("20/5minutes")
# Every file counts, not only the wrong ones: hashing is work.
FILE = parse("60/5minutes")


class Guards:
    """Counts failures by (limit, key). Safe between threads."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def require(self, *keys: tuple[RateLimitItem, str]) -> None:
        """Raises Refused rate_limited if one of the keys has failed too often."""
        for limit, key in keys:
            if not self._limiter.test(limit, key):
                raise Refused(
                    "rate_limited",
                    "尝试次数过多，请稍后再试",
                    "Expected fewer wrong attempts from here; wait a few minutes",
                    facts={"retry_after": limit.get_expiry()},
                )

    def failed(self, *keys: tuple[RateLimitItem, str]) -> None:
        for limit, key in keys:
            self._limiter.hit(limit, key)
