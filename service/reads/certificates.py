"""The register of certificates: those of one's departments, how each stands today, and the changes made to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal, or_, select
from sqlalchemy.engine import Row

from service.certificates import Term, standing_on
from service.certificates.standing import STORED, VALID
from service.database.tables import case, certificate, certificate_change, department, document, person
from service.people.actor import Actor
from service.reads.case_parts import PersonRef
from service.reads.paging import FIRST_PAGE, Asked, Page, contains, page_of
from service.reads.visibility import departments_of_cases, may_read_case, visible

# A list of what runs out looks so far ahead unless it is told otherwise.
USUAL_DAYS_AHEAD: Final = 90
SHOWN: Final = (VALID, "expiring", "expired", *STORED[1:])
_REPLACING = document.alias("replacing")
_COLUMNS = (
    certificate,
    document.c.kind,
    document.c.copies,
    case.c.number.label("case_number"),
    department.c.name_zh.label("department_name_zh"),
    department.c.name_en.label("department_name_en"),
    _REPLACING.c.number.label("replaced_by_number"),
)
_OF_CASE = (
    select(certificate.c.document_id, certificate.c.number, certificate.c.name_zh, certificate_change)
    .join(certificate, certificate.c.document_id == certificate_change.c.document_id)
    .where(certificate_change.c.case_id == bindparam("case_id"))
)
_CHANGES = (
    select(certificate_change, case.c.number, case.c.status, case.c.outcome, person.c.name.label("opener"))
    .join(case, case.c.id == certificate_change.c.case_id)
    .join(person, person.c.id == certificate_change.c.opened_by)
    .where(certificate_change.c.document_id == bindparam("document_id"))
    .order_by(certificate_change.c.case_id.desc())
)


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """`standing` is that of today; `id` is the document's."""

    id: int
    number: str
    kind: str
    name_zh: str
    holder: str
    case_number: str
    power_item: str | None
    department: str
    department_name_zh: str
    department_name_en: str
    issued_at: datetime
    valid_from: date | None
    valid_until: date | None
    standing: str
    copies: int
    ended_at: datetime | None
    ended_because: str | None
    replaced_by: str | None
    reminded_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeOfCertificate:
    case_number: str
    kind: str
    legal_basis: str
    reason: str
    corrections: Mapping[str, str]
    opened_at: datetime
    opened_by: PersonRef
    status: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class CertificateFilter:
    """`q` is a part of the number or of the holder's name; `days` how far ahead `expiring` looks."""

    standing: str | None = None
    department: str | None = None
    power_item: str | None = None
    q: str | None = None
    days: int = USUAL_DAYS_AHEAD


def list_certificates(
    connection: Connection, actor: Actor, wanted: CertificateFilter, today: date, asked: Asked = FIRST_PAGE
) -> Page[CertificateRow]:
    """Those of the departments whose cases this person reads, the newest first; of what runs out the nearest first."""
    where = _conditions(actor, wanted, today)
    total = connection.execute(select(func.count()).select_from(certificate).where(*where)).scalar_one()
    nearest = wanted.standing == "expiring"
    if (after := asked.after(int, int)) is not None:
        where.append(_behind(after, nearest=nearest))
    statement = _joined().where(*where).limit(asked.limit + 1)
    order = (certificate.c.valid_until, certificate.c.document_id) if nearest else (certificate.c.document_id.desc(),)
    rows = connection.execute(statement.order_by(*order)).all()
    return page_of(rows, total, asked, _key, _viewer(today))


def read_certificate(
    connection: Connection, actor: Actor, certificate_id: int, today: date
) -> tuple[CertificateRow, tuple[ChangeOfCertificate, ...]] | None:
    """One certificate and the changes that were proposed to it; None for what this person may not know of."""
    row = connection.execute(_joined().where(certificate.c.document_id == certificate_id)).one_or_none()
    if row is None or not may_read_case(actor, row.department):
        return None
    changes = connection.execute(_CHANGES, {"document_id": certificate_id})
    return _viewer(today)(row), tuple(_change(one) for one in changes)


@dataclass(frozen=True, slots=True)
class ChangeProposed:
    """What a case of the office's own is about."""

    certificate_id: int
    number: str
    name_zh: str
    kind: str
    legal_basis: str
    reason: str
    corrections: Mapping[str, str]


def change_of_case(connection: Connection, case_id: int) -> ChangeProposed | None:
    """The change that this case decides; None where it decides none."""
    row = connection.execute(_OF_CASE, {"case_id": case_id}).one_or_none()
    if row is None:
        return None
    return ChangeProposed(
        row.document_id, row.number, row.name_zh, row.kind, row.legal_basis, row.reason, row.corrections
    )


def _joined() -> Any:
    return (
        select(*_COLUMNS)
        .join(document, document.c.id == certificate.c.document_id)
        .join(case, case.c.id == certificate.c.case_id)
        .join(department, department.c.code == certificate.c.department)
        .outerjoin(_REPLACING, _REPLACING.c.id == certificate.c.replaced_by)
    )


def _conditions(actor: Actor, wanted: CertificateFilter, today: date) -> list[ColumnElement[bool]]:
    where = [visible(departments_of_cases(actor), certificate.c.department), *_of_standing(wanted, today)]
    if wanted.department is not None:
        where.append(certificate.c.department == wanted.department)
    if wanted.power_item is not None:
        where.append(certificate.c.power_item == wanted.power_item)
    if wanted.q:
        pattern = contains(wanted.q.strip())
        columns = (certificate.c.number, certificate.c.holder)
        where.append(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
    return where


def _of_standing(wanted: CertificateFilter, today: date) -> list[ColumnElement[bool]]:
    standing, until = wanted.standing, certificate.c.valid_until
    if standing is None:
        return []
    if standing in STORED and standing != VALID:
        return [certificate.c.standing == standing]
    in_force = certificate.c.standing == VALID
    if standing == "expired":
        return [in_force, until < today]
    if standing == "expiring":
        return [in_force, until >= today, until <= today + timedelta(days=wanted.days)]
    return [in_force, or_(until.is_(None), until >= today)]


def _key(row: Row[Any]) -> list[Any]:
    return [row.valid_until.toordinal() if row.valid_until else 0, row.document_id]


def _behind(after: list[Any], *, nearest: bool) -> ColumnElement[bool]:
    until, document_id = certificate.c.valid_until, certificate.c.document_id
    if not nearest:
        return certificate.c.document_id < literal(after[1])
    last = date.fromordinal(min(max(after[0], 1), date.max.toordinal()))
    return or_(until > last, (until == last) & (document_id > after[1]))


def _viewer(today: date) -> Callable[[Row[Any]], CertificateRow]:
    return lambda row: CertificateRow(
        row.document_id,
        row.number,
        row.kind,
        row.name_zh,
        row.holder,
        row.case_number,
        row.power_item,
        row.department,
        row.department_name_zh,
        row.department_name_en,
        row.issued_at,
        row.valid_from,
        row.valid_until,
        standing_on(row.standing, Term(row.valid_from, row.valid_until), today),
        row.copies,
        row.ended_at,
        row.ended_because,
        row.replaced_by_number,
        row.reminded_at,
    )


def _change(row: Row[Any]) -> ChangeOfCertificate:
    return ChangeOfCertificate(
        row.number,
        row.kind,
        row.legal_basis,
        row.reason,
        row.corrections,
        row.opened_at,
        PersonRef(row.opened_by, row.opener),
        row.status,
        row.outcome,
    )
