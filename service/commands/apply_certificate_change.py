"""What was decided about a certificate takes effect: on the register, in the case it comes from, and for the holder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.engine import Row

from service.cases.numbers import document_number
from service.certificates.standing import ENDED_BY, REPLACED, VALID
from service.commands import documents
from service.commands.act import CaseAct
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.database.tables import certificate, certificate_change, document
from service.reads.hot import hot_by_id

_EVENTS: Final[Mapping[str, str]] = {
    "revoke": "certificate_revoked",
    "cancel": "certificate_cancelled",
    "correct": "certificate_corrected",
    "reissue": "certificate_reissued",
}
_WHOLE = (
    select(
        certificate_change,
        certificate.c.case_id.label("of_case"),
        certificate.c.standing,
        certificate.c.number,
        document.c.kind.label("document_kind"),
        document.c.name_zh,
        document.c.content,
    )
    .join(certificate, certificate.c.document_id == certificate_change.c.document_id)
    .join(document, document.c.id == certificate.c.document_id)
    .where(certificate_change.c.case_id == bindparam("change_id"))
    .with_for_update(of=certificate)
)
_END = (
    update(certificate)
    .where(certificate.c.document_id == bindparam("b_document"), certificate.c.standing == VALID)
    .values({name: bindparam(name) for name in ("standing", "ended_at", "ended_because", "ended_by", "replaced_by")})
)
_INSERT = insert(document).returning(document.c.id)


def apply_certificate_change(
    connection: Connection, services: Services, payload: dict[str, Any], now: datetime
) -> None:
    """Outbox message: end the certificate, make the one that takes its place. Doing it twice changes nothing."""
    change = connection.execute(_WHOLE, {"change_id": payload["case_id"]}).one()
    row = hot_by_id(connection, change.of_case)
    if row is None or change.standing != VALID:
        return
    act = CaseAct(connection, services, row, now)
    replacing = _replacement(act, change) if ENDED_BY[change.kind] == REPLACED else None
    values = {
        "standing": ENDED_BY[change.kind],
        "ended_at": now,
        "ended_because": change.legal_basis or None,
        "ended_by": payload["case_id"],
        "replaced_by": replacing[0] if replacing else None,
    }
    connection.execute(_END, {"b_document": change.document_id, **values})
    closed = update(certificate_change).where(certificate_change.c.case_id == payload["case_id"])
    connection.execute(closed.values(closed_at=now))
    said = {"by": replacing[1]} if replacing else {}
    act.note(_EVENTS[change.kind], None, number=change.number, **said)
    told = {"name": change.name_zh, "certificate": change.number, "by": replacing[1] if replacing else ""}
    act.later(lambda: tell_applicant(act, _EVENTS[change.kind], **told))
    record_events(act)


def _replacement(act: CaseAct, change: Row[Any]) -> tuple[int, str]:
    """A new certificate in the same case, with a number of its own; what was corrected goes before what was wrong."""
    rule = act.item.document(change.document_kind) if act.item is not None else None
    number = document_number(
        act.connection,
        department=act.row.case_department,
        kind=change.document_kind,
        pattern=rule.number_pattern if rule else None,
        on=act.today,
        values={"form": documents.form_digit(change.content.get("business_form"))},
    )
    made = {
        "case_id": act.row.case_id,
        "kind": change.document_kind,
        "name_zh": change.name_zh,
        "number": number,
        "made_at": act.now,
        "content": {**change.content, **change.corrections, "replaces": change.number},
        "copies": 0,
    }
    document_id = int(act.connection.execute(_INSERT, made).scalar_one())
    act.note("document_made", None, kind=change.document_kind, number=number, name=change.name_zh)
    return document_id, number
