"""The stand-in of official registers: organisations by credit code, residents by identity number, one at a time.

Each question says its purpose and the reference of what it is asked for, or is refused. With `testing`,
`POST /testing/fail-next {"count": n, "mode": m}` lets the next answers go wrong: `unavailable` (503), `slow` (later
than anybody waits), `malformed`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from service.standins.application import StandIn, refuse

_SLOW_SECONDS = 7.0
ORGANISATIONS = {
    "91329901MA1K2T3X6K": ("临江县恒晟化工有限公司", "张伟明", "临江县滨江新区港城路18号"),
    "11329901014301015Y": ("临江县应急管理局", "陈志强", "临江县人民路1号"),
}
RESIDENTS = {
    "329901198506072015": "张伟明",
    "32990119921103004X": "李秀兰",
    "329901197802153376": "欧阳建国",
    "329901198909124465": "王晓燕",
    "329901197103251196": "陈志强",
    "329901200107088829": "赵小雨",
}


class Registers(StandIn):
    """What it knows is fixed; `questions` keeps what was asked, for whom and why."""

    modes = ("unavailable", "slow", "malformed")

    def __init__(
        self, *, key: bytes, now: Callable[[], datetime], folder: Path | None = None, testing: bool = False
    ) -> None:
        super().__init__(key=key, now=now, testing=testing)
        self.questions: list[tuple[str, str, str]] = []
        self.add_url_rule("/organisations/<code>", view_func=self.organisation, methods=["GET"])
        self.add_url_rule("/residents/<number>", view_func=self.resident, methods=["GET"])

    def organisation(self, code: str) -> ResponseReturnValue:
        """404 `not_found` for a code that nobody holds."""
        if wrong := self._begin(code):
            return wrong
        found = ORGANISATIONS.get(code)
        if found is None:
            refuse(404, "not_found")
        name, representative, address = found
        return jsonify(credit_code=code, name=name, legal_representative=representative, address=address)

    def resident(self, number: str) -> ResponseReturnValue:
        """The name alone."""
        if wrong := self._begin(number):
            return wrong
        if number not in RESIDENTS:
            refuse(404, "not_found")
        return jsonify(id_number=number, name=RESIDENTS[number])

    def _begin(self, subject: str) -> ResponseReturnValue | None:
        self.check_signature()
        purpose, reference = request.args.get("purpose", ""), request.args.get("reference", "")
        if not purpose or not reference:
            refuse(422, "purpose_missing", "purpose", "reference")
        with self.lock:
            self.questions.append((subject, purpose, reference))
            mode = self.next_failure()
        if mode == "unavailable":
            refuse(503, "unavailable")
        if mode == "slow":
            time.sleep(_SLOW_SECONDS)
        return "not JSON" if mode == "malformed" else None
