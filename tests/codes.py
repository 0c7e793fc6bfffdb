"""Codes of the demo accounts' authenticators; one is taken once, so the next that is valid is given each time."""

from __future__ import annotations

from collections.abc import Callable

import pyotp

from service.clock import real_now
from service.demo.county import demo_people


class Codes:
    """Of one county; `open_with` gives a code to whoever opens the second step."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}
        self._secrets = {one.username: one.totp_secret for one in demo_people()}

    def next(self, username: str) -> str:
        """A code that is valid now and was not given before; three within half a minute."""
        totp = pyotp.TOTP(self._secrets[username])
        current = totp.timecode(real_now())
        at = max(current - 1, self._given.get(username, 0) + 1)
        assert at <= current + 1, f"Expected at most three codes for {username} within half a minute"
        self._given[username] = at
        return totp.generate_otp(at)

    def open_with(self, username: str, give: Callable[[str], bool]) -> None:
        """Give codes until one is taken: the first may go out of date on the way."""
        assert give(self.next(username)) or give(self.next(username)), f"Expected a code of {username} to be taken"
