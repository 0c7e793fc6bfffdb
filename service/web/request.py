"""Who asks, in which language, at what time: read once a request and kept in Flask's `g`.

Pages carry the session in a cookie and must prove with a CSRF token that they sent a change; bearer tokens need none.
"""

from __future__ import annotations

import hmac
import re
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from flask import Response, g, request
from sqlalchemy import Connection
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from service.clock import real_now
from service.database.session import reading, transaction
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.identifying import identify
from service.people.presence import Presence
from service.people.sign_in import (
    SESSION_LENGTH,
    SignedIn,
    check_password,
    open_second_factor,
    open_session,
    record_signing_in,
)
from service.web.context import context
from service.web.guards import SECOND_FACTOR, SIGN_IN, SIGN_IN_OF_ADDRESS
from service.web.terminal import terminal_of_request

SESSION_COOKIE = "mingjing_session"
LANGUAGE_COOKIE = "lang"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOCALES = ("zh-CN", "en")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id() -> str:
    """The caller's X-Request-Id if it is a plain one, else one of our own."""
    known: str | None = g.get("request_id")
    if known is None:
        given = request.headers.get("X-Request-Id", "")
        known = g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    return known


def locale() -> str:
    """`zh-CN` or `en`: on pages the cookie that the reader chose, else Accept-Language; Chinese where none says."""
    known: str | None = g.get("locale")
    if known is None:
        chosen = None if request.path.startswith("/api/") else request.cookies.get(LANGUAGE_COOKIE)
        chosen = chosen or _preferred(request.headers.get("Accept-Language", ""))
        known = g.locale = "en" if chosen.startswith("en") else "zh-CN"
    return known


@lru_cache(maxsize=256)
def _preferred(accept_language: str) -> str:
    """Of our languages the one that an Accept-Language header puts first; clients of one kind send the same."""
    return parse_accept_header(accept_language, LanguageAccept).best_match(["zh-CN", "zh", "en"]) or "zh-CN"


def now() -> datetime:
    """The county's time of this request; one instant however long it takes."""
    if "now" not in g:
        g.now = context().services.clock.now()
    found: datetime = g.now
    return found


def signed_in() -> SignedIn | None:
    """The live session of this request."""
    _identify()
    found: SignedIn | None = g.signed_in
    return found


def current_actor() -> Actor | None:
    """The person of the session with the posts held and lent now; None for nobody."""
    _identify()
    found: Actor | None = g.actor
    return found


def require_actor() -> Actor:
    """The person who asks. Raises Refused not_signed_in."""
    actor = current_actor()
    if actor is None:
        raise Refused("not_signed_in", "请先登录", "Expected somebody signed in")
    return actor


def require_csrf() -> None:
    """A change that a browser sends with its cookie must carry the session's token. Raises Refused csrf_failed."""
    session = signed_in()
    if session is None or session.kind != "cookie" or request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER) or (request.form.get(CSRF_FIELD, "") if _is_form() else "")
    if not hmac.compare_digest(given.encode(), session.csrf_token.encode()):
        raise Refused("csrf_failed", "页面已过期，请刷新后重试", "Expected the session's CSRF token; reload the page")


def require_second_factor() -> None:
    """The second step is open for this session. Raises Refused second_factor_required."""
    if second_step_wanted():
        raise Refused("second_factor_required", "请先输入动态验证码", "Expected the second step of the sign-in")


def second_step_wanted() -> bool:
    """Whether the second step of this session is still to be opened, or closed again by itself."""
    session = signed_in()
    return session is None or not _second_step_open(session)


def take_code(connection: Connection, code: str) -> datetime:
    """Open the second step of this session with a code; until when.

    Raises Refused: not_signed_in, second_factor_required for a code that is wrong or was used before, rate_limited.
    """
    session = signed_in()
    if session is None:
        raise Refused("not_signed_in", "请先登录", "Expected somebody signed in")
    key, guards = (SECOND_FACTOR, f"second-factor/{session.person_id}"), context().guards
    guards.require(key)
    until = open_second_factor(connection, session, code, real_now())
    if until is None:
        guards.failed(key)
        raise Refused(
            "second_factor_required",
            "动态口令不正确或已用过，请用验证器上的 6 位数字",
            "The code is wrong or was used before: give the six digits that the authenticator shows now",
            [Detail("code", "请填动态口令", "Give the code", pointer="/totp")],
        )
    g.pop("signed_in")  # Whoever asks from here on finds the second step open.
    return until


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just opened."""

    token: str
    expires_at: datetime
    person_id: int
    terminal: str


def sign_in(username: str, password: str, kind: str) -> Opened:
    """Open a session. Raises Refused not_signed_in or, after too many failures, rate_limited."""
    web, address = context(), client_address()
    keys = ((SIGN_IN, f"sign-in/{address}/{username}"), (SIGN_IN_OF_ADDRESS, f"sign-in/{address}"))
    web.guards.require(*keys)
    with reading(web.engine) as connection:
        person_id = check_password(connection, username, password)
    if person_id is None:
        web.guards.failed(*keys)
        raise Refused("not_signed_in", "用户名或密码不正确", "Expected a user name with its password")
    terminal = terminal_of_request(kind)
    with transaction(web.engine) as connection:
        token, expires_at = open_session(connection, person_id, kind, real_now(), address, terminal)
        record_signing_in(connection, person_id, kind, now(), address, terminal)
    return Opened(token, expires_at, person_id, terminal)


def set_session_cookie(response: Response, token: str) -> None:
    """For pages: out of reach for scripts, never sent from other sites, over TLS alone where the service has it."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LENGTH.total_seconds()),
        httponly=True,
        secure=context().services.settings.public_url.startswith("https://"),
        samesite="Lax",
        path="/",
    )


def clear_session_cookie(response: Response) -> None:
    response.delete_cookie(SESSION_COOKIE, path="/")


def _second_step_open(session: SignedIn) -> bool:
    return session.second_factor_until is not None and session.second_factor_until > real_now()


def _presence(session: SignedIn) -> Presence:
    return Presence(_second_step_open(session), session.terminal, client_address())


def client_address() -> str:
    """Whence the request comes; as a proxy tells it where the settings say that one is trusted."""
    return request.remote_addr or "unknown"


def _is_form() -> bool:
    return request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data")


def _identify() -> None:
    if "signed_in" in g:
        return
    g.signed_in = g.actor = None
    token, kind = _token()
    if token is None or len(token) > 200:
        return
    with reading(context().engine) as connection:
        found = identify(connection, token, kind, real_now(), now())
    if found is not None:
        session, actor = found
        g.actor, g.signed_in = replace(actor, presence=_presence(session)), session


def _token() -> tuple[str | None, str]:
    """A bearer token goes before a cookie; a wrong one does not fall back to it."""
    given = request.headers.get("Authorization")
    if given is not None:
        scheme, _, token = given.partition(" ")
        return (token.strip() if scheme.lower() == "bearer" else None), "bearer"
    return request.cookies.get(SESSION_COOKIE), "cookie"
