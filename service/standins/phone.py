"""The stand-in for people's phones: shows what the county asks, takes the number and the answer, tells the county.

With `testing`, `POST /testing/fail-next {"count": n}` lets the next questions be refused as if the gateway were down.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from service.standins.application import StandIn, is_web_address, refuse, sent_object
from service.standins.courier import RETRY_SECONDS, Parcel
from service.standins.shelf import Record, Shelf

_LISTED = 50
_WORDS = {
    "zh": {
        "title": "手机确认（演示）",
        "bank": "演示手机",
        "bank_note": "待确认的请求",
        "demo": "演示手机：请求只显示在本页，不会发往任何手机。",
        "other_language": "English",
        "foot": "本页由演示手机网关提供，仅在本机运行。",
        "empty": "没有请求。",
        "number": "请输入电脑页面上显示的两位数字",
        "approve": "确认",
        "refuse": "不是我，拒绝",
        "waiting": "待确认",
        "approved": "已确认",
        "refused": "已拒绝",
    },
    "en": {
        "title": "Confirm by phone (demo)",
        "bank": "Stand-in phone",
        "bank_note": "What waits for an answer",
        "demo": "Stand-in phone: what is asked appears on this page alone, no telephone receives it.",
        "other_language": "中文",
        "foot": "Served by the stand-in phone, on this machine alone.",
        "empty": "Nothing is asked.",
        "number": "The two digits that the page on the computer shows",
        "approve": "Confirm",
        "refuse": "Not me, refuse",
        "waiting": "Waits",
        "approved": "Confirmed",
        "refused": "Refused",
    },
}


class Phones(StandIn):
    """`folder` keeps what was asked over a restart."""

    modes = ("unavailable",)

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
        self.asked = Shelf(folder)
        self.add_url_rule("/", view_func=self.show, methods=["GET"])
        self.add_url_rule("/confirmations", view_func=self.take, methods=["POST"])
        self.add_url_rule("/confirmations", view_func=self.list_asked, methods=["GET"])
        self.add_url_rule("/confirmations/<number>/answer", view_func=self.answer, methods=["POST"])

    def take(self) -> ResponseReturnValue:
        """202; the same question again changes nothing."""
        self.check_signature()
        given = sent_object()
        if wrong := _wrong_fields(given):
            refuse(422, "number_refused" if wrong == ["to"] else "malformed", *wrong)
        with self.lock:
            if self.next_failure():
                refuse(503, "unavailable")
            if self.asked.get(given["id"]) is None:
                self.asked.put(
                    given["id"], {**{name: given[name] for name in _FIELDS}, "at": self.moment(), "status": "waiting"}
                )
        return jsonify(id=given["id"]), 202

    def list_asked(self) -> ResponseReturnValue:
        """What was asked, the newest first, of `?to=` alone if given: for tests and for whoever tries the product."""
        return jsonify(items=self.latest(self.asked, _LISTED), total=len(self.asked))

    def show(self) -> ResponseReturnValue:
        """The same as the person's phone would show it."""
        asked = self.latest(self.asked, _LISTED)
        return render_template("phone.html", words=_WORDS[g.language], language=g.language, asked=asked)

    def answer(self, number: str) -> ResponseReturnValue:
        """The person has pressed a button; the county hears of it at once, and again until it has taken it."""
        record = self.asked.get(number)
        if record is None:
            refuse(404, "not_found")
        answer, digits = request.form.get("answer", ""), request.form.get("number", "").strip()
        if answer not in ("approved", "refused") or (answer == "approved" and not re.fullmatch("[0-9]{2}", digits)):
            refuse(422, "malformed", "answer", "number")
        with self.lock:
            self.asked.put(number, {**record, "status": answer})
        told = {"id": number, "answer": answer, "number": digits if answer == "approved" else ""}
        self.courier.deliver(Parcel(record["callback_url"], told, self.key))
        return redirect("/", 303)


_FIELDS = ("id", "to", "words_zh", "words_en", "expires_at", "callback_url")


def _wrong_fields(given: Record) -> list[str]:
    texts = {name: given.get(name) for name in _FIELDS}
    checks = {name: isinstance(value, str) and 0 < len(value) <= 300 for name, value in texts.items()}
    checks["to"] = isinstance(given.get("to"), str) and bool(re.fullmatch("1[0-9]{10}", given["to"]))
    checks["id"] = checks["id"] and bool(re.fullmatch("[0-9a-f]{32}", str(given["id"])))
    checks["callback_url"] = is_web_address(given.get("callback_url"))
    return [name for name, holds in checks.items() if not holds]
