"""The register of certificates, and proposing to revoke, cancel, correct or replace one."""

from __future__ import annotations

from datetime import date

from marshmallow import fields, validate
from sqlalchemy import Connection

from service.certificates import STANDINGS
from service.commands.correcting import correctable_fields
from service.commands.propose_change import KINDS, LONGEST_VALUE, MOST_CORRECTIONS, ProposeChange, propose_change
from service.errors import not_found
from service.reads.certificates import (
    SHOWN,
    USUAL_DAYS_AHEAD,
    CertificateFilter,
    CertificateRow,
    list_certificates,
    read_certificate,
)
from service.web.api import schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import AnyValue, Body, Choice, Count, Day, Instant, Named, Text, View
from service.web.api.visible import case_after_act, case_answer

endpoints = Endpoints("certificates")


class Certificate(View):
    id = fields.Integer()
    number = fields.String()
    kind = fields.String()
    name_zh = fields.String()
    holder = fields.String()
    case_number = fields.String()
    power_item = fields.String(allow_none=True)
    department = fields.String()
    department_name = Named()
    issued_at = Instant()
    valid_from = Day(allow_none=True)
    valid_until = Day(allow_none=True)
    standing = fields.String(metadata={"enum": list(STANDINGS)})
    copies = fields.Integer()
    ended_at = Instant(allow_none=True)
    ended_because = fields.String(allow_none=True)
    replaced_by = fields.String(allow_none=True)
    reminded_at = Instant(allow_none=True)


class Correctable(View):
    key = fields.String()
    label_zh = fields.String()
    label_en = fields.String()
    value = fields.String()


class ChangeOfCertificate(View):
    case_number = fields.String()
    kind = fields.String(metadata={"enum": list(KINDS)})
    legal_basis = fields.String()
    reason = fields.String()
    corrections = AnyValue()
    opened_at = Instant()
    opened_by = fields.Nested(schemas.Person)
    status = fields.String()
    outcome = fields.String(allow_none=True)


class WholeCertificate(Certificate):
    changes = fields.List(fields.Nested(ChangeOfCertificate))
    correctable = fields.List(fields.Nested(Correctable))


class CertificateQuery(PageQuery):
    standing = Choice(*SHOWN)
    department = Text(16)
    power_item = Text(40)
    q = Text(100)
    days = Count(1, 3660)


class ChangeProposal(Body):
    kind = Choice(*KINDS, required=True)
    legal_basis = Text(300, shortest=0)
    reason = Text(500, required=True)
    corrections = fields.Dict(
        keys=Text(80, required=True),
        values=Text(LONGEST_VALUE, required=True),
        load_default=dict,
        validate=validate.Length(max=MOST_CORRECTIONS, error=f"too_large:{MOST_CORRECTIONS}"),
        error_messages={"null": "null", "invalid": "not_an_object"},
    )


@endpoints.get("/certificates", answer=schemas.page_of(Certificate()), query=CertificateQuery())
def find_certificates(call: Call, connection: Connection) -> Answer:
    """Certificates of the departments whose cases one reads; `expiring` are those that run out within `days`."""
    asked = {name: call.query.get(name) for name in ("standing", "department", "power_item", "q")}
    wanted = CertificateFilter(**asked, days=call.query.get("days") or USUAL_DAYS_AHEAD)
    return Answer(list_certificates(connection, call.actor, wanted, _today(call, connection), asked_page(call)))


@endpoints.get("/certificates/<number:certificate_id>", answer=WholeCertificate(), codes=("not_found",))
def read_one_certificate(call: Call, connection: Connection, certificate_id: int) -> Answer:
    """One certificate, what may be corrected in it, and the changes that were proposed."""
    found = read_certificate(connection, call.actor, certificate_id, _today(call, connection))
    if found is None:
        raise not_found("该证照", f"certificate {certificate_id}")
    row, changes = found
    correctable = correctable_fields(connection, call.web.services, certificate_id, call.now)
    members = {name: getattr(row, name) for name in CertificateRow.__slots__}
    return Answer({**members, "changes": changes, "correctable": correctable})


@endpoints.post(
    "/certificates/<number:certificate_id>/changes",
    answer=schemas.Case(),
    body=ChangeProposal(),
    status=201,
    permission="propose_certificate_changes",
    codes=("not_found", "certificate_ended", "move_refused"),
)
def propose(call: Call, connection: Connection, certificate_id: int) -> Answer:
    """Propose to revoke, cancel, correct or replace a certificate: opens a case that the head decides."""
    body = call.body
    command = ProposeChange(
        certificate_id, body["kind"], body.get("legal_basis") or "", body["reason"], body["corrections"]
    )
    number = propose_change(connection, call.web.services, call.actor, command, call.now)
    return case_answer(case_after_act(call, connection, number))


def _today(call: Call, connection: Connection) -> date:
    return call.web.services.calendars.get(connection).local_date(call.now)
