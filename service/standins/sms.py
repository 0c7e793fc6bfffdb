"""The stand-in SMS gateway: takes messages, keeps them to be looked at, tells the county what became of them.

With `testing`, `POST /testing/fail-next {"count": n, "mode": m}` lets the next messages go wrong:
`unavailable` (503), `refused` (422), `undelivered`, `silent` (no outcome, ever), `answer_lost` (taken, yet 503).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import g, jsonify, render_template
from flask.typing import ResponseReturnValue

from service.standins.application import StandIn, is_web_address, refuse, sent_object
from service.standins.courier import RETRY_SECONDS, Parcel
from service.standins.shelf import Record, Shelf

MODES = ("unavailable", "refused", "undelivered", "silent", "answer_lost")
_OUTCOMES = {"undelivered": "undelivered", "silent": "queued"}
# Eight parts of a long message (3GPP TS 23.040: 67 UCS-2 characters a part) are the most that the carriers pass on.
_MAX_TEXT = 8 * 67
_LISTED = 200
_WORDS = {
    "zh": {
        "title": "短信（演示）",
        "bank": "演示短信网关",
        "bank_note": "最近发出的短信",
        "demo": "演示短信网关：短信只显示在本页，不会发往任何手机。",
        "other_language": "English",
        "foot": "本页由演示短信网关提供，仅在本机运行。",
        "empty": "还没有短信。",
        "queued": "已受理",
        "delivered": "已送达",
        "undelivered": "未送达",
    },
    "en": {
        "title": "Messages (demo)",
        "bank": "Stand-in SMS gateway",
        "bank_note": "Latest messages",
        "demo": "Stand-in SMS gateway: messages appear on this page alone, no telephone receives them.",
        "other_language": "中文",
        "foot": "Served by the stand-in SMS gateway, on this machine alone.",
        "empty": "No messages yet.",
        "queued": "Accepted",
        "delivered": "Delivered",
        "undelivered": "Not delivered",
    },
}


class SmsGateway(StandIn):
    """`folder` keeps messages over a restart."""

    modes = MODES

    def __init__(
        self,
        *,
        key: bytes,
        now: Callable[[], datetime],
        folder: Path | None = None,
        testing: bool = False,
        zone: ZoneInfo | None = None,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> None:
        super().__init__(key=key, now=now, testing=testing, zone=zone, retry_seconds=retry_seconds)
        self.messages = Shelf(folder)
        self.add_url_rule("/", view_func=self.show_messages, methods=["GET"])
        self.add_url_rule("/messages", view_func=self.take_message, methods=["POST"])
        self.add_url_rule("/messages", view_func=self.list_messages, methods=["GET"])
        self.add_url_rule("/messages/<message_id>", view_func=self.tell_status, methods=["GET"])

    def take_message(self) -> ResponseReturnValue:
        """202 with the id; the same key again: the same id, 409 if it comes with another message."""
        self.check_signature()
        payload = sent_object()
        if wrong := _wrong_fields(payload):
            refuse(422, "number_refused" if wrong == ["to"] else "invalid_message", *wrong)
        with self.lock:
            mode = self.next_failure()
            if mode == "unavailable":
                refuse(503, "unavailable")
            if mode == "refused":
                refuse(422, "number_refused", "to")
            record, is_new = self._keep(payload, _OUTCOMES.get(mode, "delivered"))
        if is_new and record["status"] != "queued":
            self._tell_county(record)
        if mode == "answer_lost":
            refuse(503, "unavailable")
        return jsonify(_receipt(record)), 202

    def tell_status(self, message_id: str) -> ResponseReturnValue:
        """Where one message stands, for the county that has waited for a receipt in vain."""
        self.check_signature()
        record = self.messages.get(message_id)
        if record is None:
            refuse(404, "not_found")
        return jsonify(_receipt(record))

    def list_messages(self) -> ResponseReturnValue:
        """The latest messages, newest first, of `?to=` alone if given: for tests and for whoever tries the product."""
        return jsonify(items=self.latest(self.messages, _LISTED), total=len(self.messages))

    def show_messages(self) -> ResponseReturnValue:
        """The same as a page."""
        return render_template(
            "messages.html",
            words=_WORDS[g.language],
            language=g.language,
            messages=self.latest(self.messages, _LISTED),
        )

    def _keep(self, payload: Record, status: str) -> tuple[Record, bool]:
        message_id = sha256(payload["idempotency_key"].encode()).hexdigest()[:24]
        if known := self.messages.get(message_id):
            if (known["to"], known["text"]) != (payload["to"], payload["text"]):
                refuse(409, "idempotency_conflict", "idempotency_key")
            return known, False
        fields = {name: payload.get(name) or "" for name in ("to", "text", "idempotency_key", "receipt_url")}
        record = {"id": message_id, "status": status, "at": self.moment()} | fields
        self.messages.put(message_id, record)
        return record, True

    def _tell_county(self, record: Record) -> None:
        """In the courier's thread, so that the answer with the id comes before the receipt."""
        if record["receipt_url"]:
            self.courier.deliver_later(Parcel(record["receipt_url"], _receipt(record), self.key), 0)


def _receipt(record: Record) -> Record:
    return {name: record[name] for name in ("id", "to", "status", "at")}


def _wrong_fields(payload: Record) -> list[str]:
    to, text, key, receipt_url = (payload.get(name) for name in ("to", "text", "idempotency_key", "receipt_url"))
    checks = {
        "to": isinstance(to, str) and re.fullmatch("1[0-9]{10}", to),
        "text": isinstance(text, str) and 0 < len(text) <= _MAX_TEXT,
        "idempotency_key": isinstance(key, str) and 0 < len(key) <= 200,
        "receipt_url": not receipt_url or is_web_address(receipt_url),
    }
    return [name for name, holds in checks.items() if not holds]
