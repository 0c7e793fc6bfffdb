"""Headers of every answer, request ids and the log line of every change."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Final

import structlog
from flask import Flask, Response, g, request

from service.log import log
from service.metrics import Act, request_took, step_took
from service.web.context import context
from service.web.request import SAFE_METHODS, request_id

# docs and reasons: no inline script or style anywhere; designer pages add 'unsafe-inline' to style-src themselves.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
# One year, as browsers ask for before they believe it.
_TLS_ONLY: Final = "max-age=31536000"
SLOW_SECONDS: Final = 1.0
# Parts of an address that every log line of its request names.
_NAMES: Final = {"number": "case", "task_id": "task", "order_number": "order"}
# Requests that are steps of cases, by method and rule.
_STEPS: Final[Mapping[tuple[str, str], Act]] = {
    ("POST", "/api/v1/user-tasks/<code:task_id>/complete"): "completion",
    ("POST", "/api/v1/cases"): "start",
}


def register_hardening(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    g.began = time.perf_counter()
    about = {name: value for name, value in (request.view_args or {}).items() if name in _NAMES}
    structlog.contextvars.bind_contextvars(
        request_id=request_id(), **{_NAMES[name]: str(value) for name, value in about.items()}
    )
    if request.method not in SAFE_METHODS:
        web = context()
        web.services.audience.refresh(web.engine)


def _end(response: Response) -> Response:
    given = {name.lower() for name, _ in response.headers}
    for name, value in _headers():
        if name.lower() not in given:
            response.headers.add(name, value)
    _note(response)
    return response


def _headers() -> Iterator[tuple[str, str]]:
    """What every answer says unless it says something else itself."""
    yield from HEADERS.items()
    yield "X-Request-Id", request_id()
    if not request.path.startswith("/static/"):
        yield "Cache-Control", "no-store"
    if context().services.settings.public_url.startswith("https://"):
        yield "Strict-Transport-Security", _TLS_ONLY


def _note(response: Response) -> None:
    """Changes, failures and what was slow; reads are the proxy's access log."""
    now = time.perf_counter()
    seconds, method, status = now - g.get("began", now), request.method, response.status_code
    rule = request.url_rule.rule if request.url_rule is not None else "none"
    request_took(seconds, method, rule, status)
    if (act := _STEPS.get((method, rule))) is not None and status < 400:
        step_took(seconds, act)
    if method in SAFE_METHODS and status < 500 and seconds < SLOW_SECONDS:
        return
    log.info("request", method=method, path=request.path, status=status, ms=round(seconds * 1000, 1))


def _forget(_error: BaseException | None) -> None:
    request.close()  # Large parts of a form lie in temporary files.
    structlog.contextvars.clear_contextvars()
