"""The county's own rules: the shares at which limits warn."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from service.commands.set_threshold import SetThreshold, set_threshold
from service.errors import Detail, Refused
from service.reads.people import list_thresholds
from service.web.given import whole_number
from service.web.pages.shell import act, ask, back, pages, refusal_view, require
from service.web.pages.words import say
from service.web.request import now


@pages.get("/thresholds")
def thresholds() -> str:
    """At which share of its limits each item turns blue and yellow."""
    return _thresholds_page()


def _thresholds_page(refusal: Refused | None = None, code: str = "") -> str:
    require("set_thresholds")
    found: Any = ask(list_thresholds)
    return render_template(
        "thresholds.html",
        page=found,
        refused_code=code,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/thresholds/<code:code>")
def change_threshold(code: str) -> Response | tuple[str, int]:
    """Set the shares of one item, with the reason."""
    require("set_thresholds")
    form = request.form
    try:
        reason = form.get("reason", "").strip()[:500]
        if not reason:
            raise _wrong(f"reason-{code}", "请写明理由", "Give the reason")
        command = SetThreshold(code, _percent("blue"), _percent("yellow"), reason)
        act(lambda connection, _web, actor: set_threshold(connection, actor, command, now()))
    except Refused as refusal:
        return _thresholds_page(refusal, code), refusal.status
    return back(url_for("pages.thresholds"), say("阈值已修改，对此后起算的时限有效"))


def _percent(name: str) -> int:
    found = whole_number(request.form.get(name, ""))
    if found is None or found > 999:
        raise Refused("invalid_request", "百分比须为 1 至 99 的整数", "Expected a whole number from 1 to 99")
    return found


def _wrong(name: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("required", zh, en, pointer=f"/{name}")])
