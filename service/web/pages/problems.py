"""A refusal as a page: the door for strangers, the way back for a form, else a page that says what happened."""

from __future__ import annotations

from typing import cast

from flask import Response, flash, make_response, redirect, render_template, request, url_for

from service.errors import Refused
from service.web.pages import words
from service.web.pages.frame import first_page
from service.web.pages.second_step import open_second_step, second_step_page
from service.web.pages.shell import local, pages, this_page, words_of
from service.web.pages.words import say
from service.web.request import SAFE_METHODS, request_id, require_actor, require_csrf

TITLES = {
    400: words.N_("请求格式不正确"),
    403: words.N_("您不能打开这一页"),
    404: words.N_("没有找到这一页"),
    405: words.N_("这个地址不能这样用"),
    409: words.N_("现在还不能这样办"),
    413: words.N_("内容过大"),
    429: words.N_("请稍后再试"),
    500: words.N_("这一页没有打开"),
    503: words.N_("系统正忙"),
}
# A form that says where it came from gets these said on that page; it has no page of its own to show them on.
_SAID_ON_THE_WAY_BACK = frozenset({403, 409, 412, 413, 415, 422, 429})


@pages.before_request
def guard() -> None:
    """Every page but the public ones asks who it is; every change must carry the token of the session."""
    require_csrf()
    endpoint = (request.endpoint or "").removeprefix("pages.")
    if not (endpoint.startswith("public_") or endpoint in OPEN):
        require_actor()
        open_second_step()


OPEN = frozenset({"home", "sign_in", "sign_in_now", "sign_out", "language", "elder"})


def page_of_problem(refusal: Refused) -> Response:
    """The answer to a refused page or form."""
    if refusal.code == "not_signed_in":
        if request.method not in SAFE_METHODS:
            flash(say("登录已过期，请重新登录。"), "alert")
        return cast(Response, redirect(url_for("pages.sign_in", next=this_page()), 303))
    if refusal.code == "second_factor_required" and request.method == "POST":
        return second_step_page(refusal)
    if request.method == "POST" and request.form.get("next") and refusal.status in _SAID_ON_THE_WAY_BACK:
        flash(words_of(refusal), "alert")
        return cast(Response, redirect(local(request.form["next"], "/"), 303))
    response = make_response(_page(refusal), refusal.status)
    if "retry_after" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after"])
    return response


def _page(refusal: Refused) -> str:
    public = request.path.startswith("/public")
    return render_template(
        "problem.html",
        frame="public.html" if public else "staff.html",
        title=say(TITLES.get(refusal.status, TITLES[409])),
        words=words_of(refusal),
        details=[(d.message_en or d.message) if words.in_english() else d.message for d in refusal.details],
        number=request_id() if refusal.status >= 500 else None,
        home=url_for("pages.public_home") if public else first_page(),
        case=None if public else _case(refusal),
    )


def _case(refusal: Refused) -> str | None:
    """The case on whose page the refused act began; none where it is the case that was not found."""
    number = (request.view_args or {}).get("number")
    begun_there = request.path.startswith("/cases/") and refusal.status == 409
    return url_for("pages.case", number=number) if number and begun_there else None
