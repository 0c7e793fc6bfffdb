"""The register of certificates: a row with the first copy that leaves the office, and the reminders before its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

from sqlalchemy import Connection, bindparam, exists, insert, select
from sqlalchemy.engine import Row

from service.catalogue.item import Registration
from service.certificates import Term
from service.certificates.standing import VALID, apply_until, reminder_days, standing_on
from service.commands.services import Services
from service.database.tables import case, certificate, document
from service.errors import Refused
from service.notices.writing import INSERT_NOTICES, Recipient, add_to_outbox, notice_row
from service.reads.verifying import answers_of, term_in_force

REMIND: Final = "remind_of_expiry"
CERTIFICATE: Final = "certificate"
_AT = time(9, 0)
_STANDING = select(certificate.c.standing).where(certificate.c.document_id == bindparam("document_id"))
_OF_CASE = (
    *(case.c[name] for name in ("department", "power_item", "item_version", "applicant_name", "applicant")),
    case.c.number.label("case_number"),
)
_DOCUMENT = (
    select(document, *_OF_CASE)
    .join(case, case.c.id == document.c.case_id)
    .where(document.c.id == bindparam("document_id"))
)
_UNREGISTERED = (
    select(document.c.id)
    .where(
        document.c.kind == CERTIFICATE,
        document.c.copies > 0,
        document.c.number.is_not(None),
        ~exists().where(certificate.c.document_id == document.c.id),
    )
    .order_by(document.c.id)
    .limit(bindparam("most"))
)
_TO_REMIND = (
    select(certificate, case.c.number.label("case_number"), case.c.applicant)
    .join(case, case.c.id == certificate.c.case_id)
    .where(certificate.c.document_id == bindparam("document_id"))
)
_TEXT = (
    "【临江县】您持有的{name}（{number}）将于 {until} 到期。需要延续的，请在 {apply} 前（含当日）提出申请；"
    "依法逾期未延续的，有效期届满后不得继续从事许可活动。"
)


def register_certificate(connection: Connection, services: Services, document_id: int, now: datetime) -> None:
    """Put a certificate on the register unless it stands there, and the reminders into the outbox for their days."""
    if connection.execute(_STANDING, {"document_id": document_id}).first() is not None:
        return
    row = connection.execute(_DOCUMENT, {"document_id": document_id}).one()
    rule = registration_of(connection, services, row)
    term = term_in_force(connection, row.case_id, row.content, rule.term)
    values = {**_row(row), "valid_from": term.valid_from, "valid_until": term.valid_until}
    connection.execute(insert(certificate), values | _holder(connection, row, rule))
    _plan_reminders(connection, services, row, term, now)


def registration_of(connection: Connection, services: Services, row: Row[Any]) -> Registration:
    """How the item has a document of this kind stand on the register."""
    if row.power_item is None or row.item_version is None:
        return Registration()
    rule = services.items.get(connection, row.power_item, row.item_version).document(row.kind)
    return rule.registration if rule is not None else Registration()


def _holder(connection: Connection, row: Row[Any], rule: Registration) -> dict[str, Any]:
    """Whom the item's rule names; the applicant, where it names nobody."""
    if rule.holder is None:
        return {}
    answers = answers_of(connection, row.case_id) | row.content
    name, code = (answers.get(key) for key in rule.holder)
    return {"holder": str(name), "holder_code": str(code) if code else None} if name else {}


def _row(row: Row[Any]) -> dict[str, Any]:
    applicant: Mapping[str, Any] = row.applicant or {}
    return {
        "document_id": row.id,
        "case_id": row.case_id,
        "department": row.department,
        "power_item": row.power_item,
        "number": row.number,
        "name_zh": row.name_zh,
        "holder": row.content.get("buyer_name") or row.applicant_name,
        "holder_code": applicant.get("credit_code") or applicant.get("id_number"),
        "issued_at": row.made_at,
        "standing": VALID,
    }


def _plan_reminders(connection: Connection, services: Services, row: Row[Any], term: Term, now: datetime) -> None:
    calendar = services.calendars.get(connection)
    days = reminder_days(term, calendar.local_date(now))
    for day in days:
        key, at = f"{REMIND}/{row.id}/{day.isoformat()}", datetime.combine(day, _AT, tzinfo=calendar.zone)
        add_to_outbox(connection, REMIND, key, {"document_id": row.id}, now, case_id=row.case_id, at=at)


def remind_of_expiry(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message: the holder is told by SMS, unless the certificate has ended or run out meanwhile."""
    row = connection.execute(_TO_REMIND, {"document_id": payload["document_id"]}).one()
    term = Term(row.valid_from, row.valid_until)
    today, apply = services.calendars.get(connection).local_date(now), apply_until(term)
    mobile = (row.applicant or {}).get("mobile")
    if standing_on(row.standing, term, today) != VALID or apply is None or not mobile:
        return
    text = _TEXT.format(name=row.name_zh, number=row.number, until=row.valid_until, apply=apply)
    recipient = Recipient(row.holder, mobile)
    notice = notice_row(recipient, "sms", mobile, case_id=row.case_id, kind="certificate_expiring", text=text, now=now)
    connection.execute(INSERT_NOTICES, [notice])
    change = certificate.update().where(certificate.c.document_id == row.document_id).values(reminded_at=now)
    connection.execute(change)


def register_earlier(connection: Connection, services: Services, now: datetime, most: int = 200) -> int:
    """Put on the register what an older program has printed; how many."""
    ids = list(connection.execute(_UNREGISTERED, {"most": most}).scalars())
    for document_id in ids:
        register_certificate(connection, services, document_id, now)
    return len(ids)


def require_in_force(connection: Connection, document_id: int) -> None:
    """What was revoked, cancelled or replaced is printed no more. Raises Refused certificate_ended."""
    standing = connection.execute(_STANDING, {"document_id": document_id}).scalar_one_or_none()
    if standing not in (None, VALID):
        raise Refused(
            "certificate_ended",
            "该证照已撤销、注销或者被新证替代，不能再打印",
            f"Expected a certificate in force, but this one is {standing}",
        )
