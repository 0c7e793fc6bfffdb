"""The terminal that a session was opened at: a random id that the browser or program keeps, signed by us.

It says that two sessions were opened by the same browser, and nothing of whose it is. Who clears it away is a new
terminal; what is bound to a session stays until the session ends.
"""

from __future__ import annotations

import hmac
import secrets

from flask import Response, request

from service.web.context import context

COOKIE = "mingjing_terminal"
HEADER = "X-Terminal"
_YEARS_SECONDS = 5 * 365 * 24 * 3600
_LENGTH = 24


def terminal_of_request(kind: str) -> str:
    """The id that a page's cookie or a program's header carries; a new one where it carries none of ours."""
    given = request.cookies.get(COOKIE, "") if kind == "cookie" else request.headers.get(HEADER, "")
    return known(given) or secrets.token_hex(_LENGTH // 2)


def known(given: str) -> str | None:
    """The id within, if we have signed it; compared in constant time."""
    terminal, _, signature = given[:128].partition(".")
    return terminal if hmac.compare_digest(signature.encode(), _signature(terminal).encode()) else None


def signed(terminal: str) -> str:
    """What the terminal keeps."""
    return f"{terminal}.{_signature(terminal)}"


def set_terminal_cookie(response: Response, terminal: str) -> None:
    """Kept for years, out of reach for scripts, never sent from other sites."""
    response.set_cookie(
        COOKIE,
        signed(terminal),
        max_age=_YEARS_SECONDS,
        httponly=True,
        secure=context().services.settings.public_url.startswith("https://"),
        samesite="Lax",
        path="/",
    )


def _signature(terminal: str) -> str:
    key = context().services.settings.secret_key
    return hmac.new(key, b"terminal/" + terminal.encode(), "sha256").hexdigest()
