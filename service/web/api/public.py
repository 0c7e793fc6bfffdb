"""What needs no sign-in: the progress of one case by its number and secret, and the applicant's answers to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from marshmallow import fields
from sqlalchemy import Connection

from service.certificates import STANDINGS
from service.commands.receive_message import ReceiveMessage, receive_message
from service.enquiry.public_view import PublicCase, read_public_case
from service.errors import not_found
from service.people.masking import mask_party
from service.reads.verifying import verify_file, verify_number
from service.web.api import other_schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Answers, Body, Choice, Instant, Named, Query, Text, View
from service.web.api.visible import case_not_found
from service.web.guards import SECRET, SECRET_OF_ADDRESS
from service.web.request import client_address
from service.web.uploaded_paper import uploaded_paper

endpoints = Endpoints("public")


class VerifiedPaper(View):
    number = fields.String()
    kind = fields.String()
    name_zh = fields.String()
    made_at = Instant()
    department = Named()
    holder = fields.String(metadata={"description": "An organisation in full, a person masked"})
    published_at = Instant(allow_none=True)
    valid_from = fields.String(allow_none=True)
    valid_until = fields.String(allow_none=True)
    standing = fields.String(metadata={"enum": list(STANDINGS)})
    ended_at = Instant(allow_none=True)
    ended_because = fields.String(allow_none=True)
    replaced_by = fields.String(allow_none=True, metadata={"description": "The number of the paper in its place"})


class VerifiedFile(View):
    status = fields.String(metadata={"enum": ["genuine", "altered", "unknown"]})
    digest = fields.String(metadata={"description": "SHA-256 of the file, in hex"})
    number = fields.String(allow_none=True)
    kind = fields.String()
    name_zh = fields.String()
    copy_no = fields.Integer()
    printed_at = Instant(allow_none=True)
    standing = fields.String(metadata={"enum": list(STANDINGS)})


class NumberQuery(Query):
    number = Text(80, required=True)


class SecretQuery(Query):
    secret = Text(64)


class PublicMessage(Body):
    kind = Choice("correction", "statement", "objection", "completion", required=True)
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


def _today(call: Call, connection: Connection) -> date:
    return call.web.services.calendars.get(connection).local_date(call.now)


@endpoints.get("/public/certificates", answer=VerifiedPaper(), query=NumberQuery(), public=True, codes=("not_found",))
def verify_certificate(call: Call, connection: Connection) -> Answer:
    """Whether the county has given out a certificate of this number."""
    found = verify_number(connection, call.query["number"], _today(call, connection))
    if found is None:
        raise not_found("该编号的证照", f"a certificate {call.query['number']!r}")
    return Answer(replace(found, holder=mask_party(found.holder, found.holder_json or {})))


@endpoints.post(
    "/public/files/verify",
    answer=VerifiedFile(),
    content="multipart",
    acts=False,
    public=True,
    codes=("payload_too_large", "unsupported_media", "rate_limited"),
)
def verify_uploaded(call: Call, connection: Connection) -> Answer:
    """Whether a file (`file`) is, byte by byte, a document that the county has signed and handed out."""
    return Answer(verify_file(connection, uploaded_paper(), _today(call, connection)))
