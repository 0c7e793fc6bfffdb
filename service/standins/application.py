"""What all stand-ins share: a small Flask application that checks signatures and answers refusals as JSON."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from service.gateways.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify
from service.standins.courier import RETRY_SECONDS, Courier
from service.standins.shelf import Record, Shelf

_MAX_REQUEST_BYTES = 64 * 1024
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class StandIn(Flask):
    """`key` is shared with the county; `close` ends the courier.

    With `testing` the switches for failures exist: `POST /testing/fail-next {"mode", "count"}`, one of `modes`.
    """

    modes: tuple[str, ...] = ()

    def __init__(
        self,
        *,
        key: bytes,
        now: Callable[[], datetime],
        testing: bool,
        zone: ZoneInfo | None = None,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> None:
        super().__init__("service.standins")
        self.config["MAX_CONTENT_LENGTH"] = _MAX_REQUEST_BYTES
        self.key = key
        self.now = now
        self.switches = testing
        self.zone = zone or ZoneInfo("Asia/Shanghai")
        self._failures: deque[str] = deque()
        self.lock = threading.Lock()
        self.courier = Courier(now, retry_seconds)
        self.before_request(_choose_language)
        self.after_request(_harden)
        if testing and self.modes:
            self.add_url_rule("/testing/fail-next", view_func=self.fail_next, methods=["POST"])

    def check_signature(self) -> None:
        """Ends the request with 401 unless the county signed it: its body, or its request line where it has none."""
        body = request.get_data()
        signed = body or f"{request.method} {request.full_path.rstrip('?')}".encode()
        timestamp, signature = request.headers.get(TIMESTAMP_HEADER, ""), request.headers.get(SIGNATURE_HEADER, "")
        if not verify(signed, timestamp, signature, self.key, now=self.now()):
            refuse(401, "signature_invalid")

    def fail_next(self) -> ResponseReturnValue:
        """The next `count` messages (1 if not said) go wrong in the way of `mode`, the first of them if not said."""
        payload = sent_object()
        count, mode = payload.get("count", 1), payload.get("mode", self.modes[0])
        if type(count) is not int or not 0 <= count <= 1000 or mode not in self.modes:
            refuse(422, "malformed", "count", "mode")
        with self.lock:
            self._failures = deque([mode] * count)
        return jsonify(count=count, mode=mode)

    def next_failure(self) -> str:
        """How the message at hand goes wrong; empty if it does not. Its caller holds the lock."""
        return self._failures.popleft() if self._failures else ""

    def moment(self) -> str:
        """Now, as the county's clocks show it."""
        return self.now().astimezone(self.zone).isoformat(timespec="seconds")

    def latest(self, shelf: Shelf, most: int) -> list[Record]:
        """The newest records, of `?to=` alone if given."""
        to = request.args.get("to")
        with self.lock:
            chosen = [record for record in shelf if to in (None, record["to"])]
        return chosen[-most:][::-1]

    def close(self) -> None:
        self.courier.close()


def refuse(status: int, code: str, *fields: str) -> NoReturn:
    """Ends the request with a JSON refusal that names the fields at fault."""
    abort(make_response(jsonify(code=code, fields=fields), status))


def sent_object() -> dict[str, Any]:
    """The JSON object in the request's body, else 422."""
    payload = request.get_json(silent=True)
    if not isinstance(payload, dict):
        refuse(422, "malformed")
    return payload


def is_web_address(value: object) -> bool:
    """Whether a message can be sent there, or a person follow it."""
    return isinstance(value, str) and len(value) <= 500 and value.startswith(("http://", "https://"))


def _choose_language() -> None:
    """`?lang=` first, then the browser; Chinese where neither says."""
    asked = request.args.get("lang") or request.accept_languages.best_match(["zh", "zh-CN", "en"]) or "zh"
    g.language = "en" if asked.startswith("en") else "zh"


def _harden(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
