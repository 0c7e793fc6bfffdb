"""A renewal, change, transfer or cancellation ends the certificate before it, with the first copy that is handed out.

The earlier certificate is of another case, so it ends in a transaction of its own. Whose number an applicant wrote down
by mistake ends nothing: the holder has to be the applicant, or whom the item's rule names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.engine import Row

from service.catalogue.item import Former
from service.certificates.standing import REPLACED, VALID
from service.commands.act import CaseAct
from service.commands.recording import record_events
from service.commands.register_certificate import registration_of
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.database.tables import case, certificate, document
from service.notices.writing import add_to_outbox
from service.reads.hot import hot_by_id
from service.reads.verifying import answers_of

END_FORMER: Final = "end_former_certificate"
_EVENTS: Final[Mapping[str, str]] = {REPLACED: "certificate_superseded", "cancelled": "certificate_cancelled"}
_DOCUMENT = (
    select(document, *(case.c[name] for name in ("power_item", "item_version", "applicant_name", "applicant")))
    .join(case, case.c.id == document.c.case_id)
    .where(document.c.id == bindparam("document_id"))
)
_OF_ITEM = select(certificate).where(
    certificate.c.power_item == bindparam("power_item"),
    certificate.c.document_id != bindparam("document_id"),
    certificate.c.standing == VALID,
)
_BY_NUMBER = _OF_ITEM.where(certificate.c.number == bindparam("number"))
_BY_CODE = _OF_ITEM.where(certificate.c.holder_code.in_(bindparam("codes", expanding=True)))
_LOCKED = select(certificate).where(certificate.c.document_id == bindparam("document_id")).with_for_update()
_END = (
    update(certificate)
    .where(certificate.c.document_id == bindparam("b_document"), certificate.c.standing == VALID)
    .values({name: bindparam(name) for name in ("standing", "ended_at", "ended_by", "replaced_by")})
)


def end_former_later(connection: Connection, services: Services, document_id: int, now: datetime) -> None:
    """Have the certificate ended that this paper takes the place of, if the item has it end one and it is found."""
    row = connection.execute(_DOCUMENT, {"document_id": document_id}).one()
    former = registration_of(connection, services, row).former
    if former is None:
        return
    answers = answers_of(connection, row.case_id) | row.content
    if former.when is not None and not former.when.holds(answers.get):
        return
    for found in former_certificates(connection, row, former, answers, but=document_id):
        given = {"document_id": found.document_id, "by": document_id, "standing": former.standing}
        key = f"{END_FORMER}/{found.document_id}"
        add_to_outbox(connection, END_FORMER, key, given, now, case_id=found.case_id)


def former_certificates(
    connection: Connection, row: Row[Any], former: Former, answers: Mapping[str, Any], *, but: int = 0
) -> list[Row[Any]]:
    """The certificates in force that the answers name; `row` tells item and applicant of the case, `but` is its own."""
    applicant: Mapping[str, Any] = row.applicant or {}
    named = answers.get(former.code) if former.code else None
    codes = {named} if named else {applicant.get("credit_code"), applicant.get("id_number")}
    asked = {"power_item": row.power_item, "document_id": but, "codes": sorted(code for code in codes if code)}
    if former.number is None:
        return list(connection.execute(_BY_CODE, asked)) if named else []
    found = connection.execute(_BY_NUMBER, asked | {"number": str(answers.get(former.number) or "").strip()})
    return [one for one in found if one.holder_code in codes and one.holder_code]


def end_former_certificate(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message: end it, tell its case and its holder. Doing it twice changes nothing."""
    found = connection.execute(_LOCKED, {"document_id": payload["document_id"]}).one()
    by = connection.execute(_DOCUMENT, {"document_id": payload["by"]}).one()
    row = hot_by_id(connection, found.case_id)
    if row is None or found.standing != VALID:
        return
    act = CaseAct(connection, services, row, now)
    values = {"standing": payload["standing"], "ended_at": now, "ended_by": by.case_id, "replaced_by": by.id}
    connection.execute(_END, {"b_document": found.document_id, **values})
    event = _EVENTS[payload["standing"]]
    act.note(event, None, number=found.number, by=by.number)
    told = {"name": found.name_zh, "certificate": found.number, "by": by.number}
    act.later(lambda: tell_applicant(act, event, **told))
    record_events(act)
