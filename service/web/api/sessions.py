"""Signing in and out, the second step, and who one is."""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from sqlalchemy import Connection

from service.clock import real_now
from service.commands.confirm_presence import status_of
from service.errors import Refused
from service.people.actor import Actor
from service.people.permissions import permissions_of
from service.people.queries import department_names, read_actor
from service.people.sign_in import close_session
from service.web.api import schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Instant, Text, View
from service.web.phone import ask_phone
from service.web.request import sign_in, take_code
from service.web.terminal import signed

endpoints = Endpoints("sessions")


class Credentials(Body):
    username = Text(64, required=True)
    password = Text(200, required=True, blanks=True)


class Code(Body):
    code = Text(10, required=True)


class ConfirmationState(View):
    id = fields.String()
    status = fields.String()


class Confirmation(ConfirmationState):
    number = fields.String()
    expires_at = Instant()


@endpoints.post(
    "/sessions",
    answer=schemas.Session(),
    body=Credentials(),
    status=201,
    public=True,
    acts=False,
    codes=("not_signed_in", "rate_limited"),
)
def create_session(call: Call, connection: Connection) -> Answer:
    """Sign in; the token is sent as `Authorization: Bearer`.

    Who sends `terminal` back as `X-Terminal` when signing in again is the same terminal then; else each session is one.
    """
    opened = sign_in(call.body["username"], call.body["password"], "bearer")
    actor = read_actor(connection, opened.person_id, call.now)
    if actor is None:
        raise Refused("not_signed_in", "该账户已停用", "Expected an active account")
    about = {"user": person_view(connection, actor), "terminal": signed(opened.terminal)}
    return Answer({"token": opened.token, "expires_at": opened.expires_at, **about})


@endpoints.delete("/sessions/current")
def end_session(call: Call, connection: Connection) -> Answer:
    """Sign out: the token is worth nothing from now on."""
    if call.session is not None:
        close_session(connection, call.session.token_hash)
    return Answer()


@endpoints.post(
    "/sessions/current/second-factor",
    answer=schemas.SecondFactor(),
    body=Code(),
    codes=("second_factor_required", "rate_limited"),
)
def open_second_step(call: Call, connection: Connection) -> Answer:
    """Open the second step for five minutes with a code of the person's authenticator (RFC 6238)."""
    return Answer({"second_factor_until": take_code(connection, call.body["code"])})


@endpoints.post(
    "/sessions/current/confirmations",
    answer=Confirmation(),
    status=201,
    acts=False,
    codes=("no_device", "not_ready", "rate_limited"),
)
def ask_on_phone(call: Call, connection: Connection) -> Answer:
    """Ask the person on the phone for the second step; the number shown here is given there."""
    asked = ask_phone()
    about = {"id": asked.id, "number": asked.number, "expires_at": asked.expires_at}
    return Answer({**about, "status": "waiting"})


@endpoints.get(
    "/sessions/current/confirmations/<code:confirmation_id>", answer=ConfirmationState(), codes=("not_found",)
)
def read_confirmation(call: Call, connection: Connection, confirmation_id: str) -> Answer:
    """How a question to the phone stands: waiting, approved, refused, wrong_number or expired."""
    if call.session is None:
        raise Refused("not_signed_in", "请先登录", "Expected somebody signed in")
    status = status_of(connection, call.session, confirmation_id, real_now())
    return Answer({"id": confirmation_id, "status": status})


@endpoints.get("/me", answer=schemas.Me())
def who_am_i(call: Call, connection: Connection) -> Answer:
    """The person of this session with posts and permissions."""
    return Answer(person_view(connection, call.actor))


def person_view(connection: Connection, actor: Actor) -> dict[str, Any]:
    """A person with what they may do; posts lent by others stand among the holdings."""
    name_zh, name_en = department_names(connection).get(actor.department, (actor.department, actor.department))
    return {
        "user": actor,
        "department": actor.department,
        "department_name_zh": name_zh,
        "department_name_en": name_en,
        "posts": sorted(actor.posts),
        "holdings": actor.holdings,
        "permissions": permissions_of(actor),
    }
