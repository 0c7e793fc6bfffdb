"""What needs no sign-in: the progress of one case by its number and secret, and the applicant's answers to it."""

from __future__ import annotations

from sqlalchemy import Connection

from service.commands.receive_message import ReceiveMessage, receive_message
from service.enquiry.public_view import PublicCase, read_public_case
from service.web.api import other_schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Answers, Body, Choice, Query, Text
from service.web.api.visible import case_not_found
from service.web.guards import SECRET, SECRET_OF_ADDRESS
from service.web.request import client_address

endpoints = Endpoints("public")


class SecretQuery(Query):
    secret = Text(64)


class PublicMessage(Body):
    kind = Choice("correction", "statement", "objection", required=True)
    answers = Answers()
    secret = Text(64)


def find_public_case(call: Call, connection: Connection, number: str, secret: str) -> PublicCase:
    """The case; a wrong number and a wrong secret are answered alike, and both count as a guess.

    Raises Refused: not_found, rate_limited.
    """
    address = client_address()
    keys = ((SECRET, f"secret/{address}/{number}"), (SECRET_OF_ADDRESS, f"secret/{address}"))
    call.web.guards.require(*keys)
    services = call.web.services
    found = read_public_case(connection, services.items, services.bundles, services.settings.secret_key, number, secret)
    if found is None:
        call.web.guards.failed(*keys)
        raise case_not_found(number)
    return found


@endpoints.get(
    "/public/cases/<code:number>",
    answer=other_schemas.PublicCase(),
    query=SecretQuery(),
    public=True,
    codes=("not_found", "rate_limited"),
)
def follow_case(call: Call, connection: Connection, number: str) -> Answer:
    """The masked progress of a case for who has its secret."""
    return Answer(find_public_case(call, connection, number, call.query.get("secret") or ""))


@endpoints.post(
    "/public/cases/<code:number>/messages",
    answer=other_schemas.PublicCase(),
    query=SecretQuery(),
    body=PublicMessage(),
    public=True,
    codes=("not_found", "not_waiting", "invalid_answers", "case_halted", "case_closed", "rate_limited"),
)
def send_message(call: Call, connection: Connection, number: str) -> Answer:
    """The applicant's or a party's answer to a waiting step; the secret stands in the query or in the body."""
    secret = call.query.get("secret") or call.body["secret"] or ""
    find_public_case(call, connection, number, secret)
    command = ReceiveMessage(number, call.body["kind"], call.body["answers"])
    receive_message(connection, call.web.services, None, command, call.now)
    return Answer(find_public_case(call, connection, number, secret))
