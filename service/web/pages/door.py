"""Signing in and out, the choice of language and larger text, the page one begins with."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from flask import flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.database.session import transaction
from service.demo.county import PASSWORD, demo_people
from service.demo.standing import demo_state
from service.errors import Refused
from service.people.queries import department_names
from service.people.sign_in import close_session
from service.web.context import context
from service.web.pages import words
from service.web.pages.frame import first_page
from service.web.pages.shell import ask, local, pages, refusal_view
from service.web.pages.words import say
from service.web.request import (
    CSRF_FIELD,
    LANGUAGE_COOKIE,
    clear_session_cookie,
    current_actor,
    set_session_cookie,
    signed_in,
)
from service.web.request import sign_in as open_sign_in
from service.web.terminal import set_terminal_cookie

# A token for forms that are sent before there is a session: the cookie and the field must agree.
DOOR_COOKIE = "mingjing_door"
_YEAR_SECONDS = 365 * 24 * 3600


def require_door_token() -> None:
    """The form was served to this browser. Raises Refused csrf_failed."""
    given, kept = request.form.get(CSRF_FIELD, ""), request.cookies.get(DOOR_COOKIE, "")
    if not kept or not hmac.compare_digest(given.encode(), kept.encode()):
        raise Refused("csrf_failed", "页面已过期，请刷新后重试", "Expected the form of this browser; reload the page")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str
    name: str
    post: str
    department: str


def _demo_accounts() -> list[DemoAccount]:
    """Of the demo county alone: a county with people of its own shows none."""
    if ask(demo_state) is None:
        return []
    departments, english = ask(department_names), words.in_english()
    return [
        DemoAccount(one.username, one.name, words.post_word(one.posts[0]), departments[one.department][english])
        for one in demo_people()
    ]


def _sign_in_page(username: str = "", refusal: Refused | None = None) -> Response:
    """The form with the door token of this browser, in a field and in a cookie."""
    g.door_token = request.cookies.get(DOOR_COOKIE) or secrets.token_urlsafe(24)
    content = render_template(
        "sign_in.html",
        username=username,
        next=local(request.args.get("next"), "/"),
        problem=refusal_view(refusal) if refusal else None,
        problems={},
        demo_accounts=_demo_accounts(),
        demo_password=PASSWORD,
    )
    response = make_response(content, refusal.status if refusal else 200)
    secure = context().services.settings.public_url.startswith("https://")
    response.set_cookie(DOOR_COOKIE, g.door_token, httponly=True, secure=secure, samesite="Strict")
    return response


@pages.get("/sign-in")
def sign_in() -> Response:
    """The door; who has come in already goes on."""
    return redirect(local(request.args.get("next"), first_page()), 303) if current_actor() else _sign_in_page()


@pages.post("/sign-in")
def sign_in_now() -> Response:
    """Open a cookie session; a wrong password keeps the user name and says no more than that it is wrong."""
    username, password = request.form.get("username", "").strip()[:64], request.form.get("password", "")[:200]
    try:
        require_door_token()
        opened = open_sign_in(username, password, "cookie")
    except Refused as refusal:
        return _sign_in_page(username, refusal)
    response = make_response(redirect(local(request.args.get("next"), "/"), 303))
    set_session_cookie(response, opened.token)
    set_terminal_cookie(response, opened.terminal)
    return response


@pages.post("/sign-out")
def sign_out() -> Response:
    """End this session."""
    session = signed_in()
    if session is not None:
        with transaction(context().engine) as connection:
            close_session(connection, session.token_hash)
    flash(say("已退出登录"), "done")
    response = make_response(redirect(url_for("pages.sign_in"), 303))
    clear_session_cookie(response)
    return response


@pages.get("/")
def home() -> Response:
    """The page that somebody of these posts begins with; the door for everybody else."""
    return redirect(first_page() if current_actor() else url_for("pages.sign_in"), 303)


@pages.get("/language/<code>")
def language(code: str) -> Response:
    """Remember the language in a cookie; the rest of the page stays."""
    response = redirect(local(request.args.get("next"), "/"), 303)
    response.set_cookie(LANGUAGE_COOKIE, "en" if code == "en" else "zh-CN", max_age=_YEAR_SECONDS, samesite="Lax")
    return response


@pages.get("/elder/<state>")
def elder(state: str) -> Response:
    """Larger text on or off, for browsers without script; the page island does it in place."""
    response = redirect(local(request.args.get("next"), "/"), 303)
    if state == "on":
        response.set_cookie("elder", "1", max_age=_YEAR_SECONDS, samesite="Lax")
    else:
        response.delete_cookie("elder")
    return response
