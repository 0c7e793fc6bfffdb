"""Certificates of earlier cases that an applicant may hand in again (电子证照): found by holder, in force today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from service.catalogue.item import Material
from service.certificates.standing import VALID, Term, standing_on
from service.database.tables import certificate, department, document_copy, user_task

_NEWEST_COPY = (
    select(func.max(document_copy.c.copy_no))
    .where(document_copy.c.document_id == certificate.c.document_id, document_copy.c.locale == "zh-CN")
    .correlate(certificate)
    .scalar_subquery()
)
_FOUND = (
    select(
        certificate,
        department.c.name_zh.label("department_name_zh"),
        department.c.name_en.label("department_name_en"),
        document_copy.c.digest,
        document_copy.c.size,
    )
    .join(document_copy, document_copy.c.document_id == certificate.c.document_id)
    .join(department, department.c.code == certificate.c.department)
    .where(
        document_copy.c.copy_no == _NEWEST_COPY,
        certificate.c.holder_code.in_(bindparam("holders", expanding=True)),
        certificate.c.power_item.in_(bindparam("items", expanding=True)),
        certificate.c.case_id != bindparam("case_id"),
        certificate.c.standing == VALID,
    )
    .order_by(certificate.c.issued_at.desc(), certificate.c.document_id.desc())
)

_ANSWERS = (
    select(user_task.c.answers)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at)
)


@dataclass(frozen=True, slots=True)
class EarlierCertificate:
    """`digest` is that of the newest signed copy, which is the file that stands for the material."""

    id: int
    number: str
    name_zh: str
    holder: str
    department_name_zh: str
    department_name_en: str
    valid_until: date | None
    power_item: str
    holder_code: str
    digest: str
    size: int


def earlier_certificates(
    connection: Connection, case_id: int, materials: Iterable[Material], applicant: Mapping[str, Any], today: date
) -> dict[str, tuple[EarlierCertificate, ...]]:
    """By the key of the material, those that its holder could hand in today."""
    asked = [one for one in materials if one.certificate_of]
    if not asked:
        return {}
    answers: dict[str, Any] = {}
    for given in connection.execute(_ANSWERS, {"case_id": case_id}).scalars():
        answers |= {key: value for key, value in (given or {}).items() if value is not None}
    holders = {one.key: holders_of(one, applicant, answers) for one in asked}
    items = sorted(frozenset().union(*(one.certificate_of for one in asked)))
    wanted = {"holders": sorted(frozenset().union(*holders.values())), "items": items, "case_id": case_id}
    rows = connection.execute(_FOUND, wanted).all()
    found = [_view(row) for row in rows if standing_on(VALID, Term(row.valid_from, row.valid_until), today) == VALID]
    fitting = {
        one.key: tuple(c for c in found if c.power_item in one.certificate_of and c.holder_code in holders[one.key])
        for one in asked
    }
    return {key: certificates for key, certificates in fitting.items() if certificates}


def holders_of(material: Material, applicant: Mapping[str, Any], answers: Mapping[str, Any]) -> frozenset[str]:
    """The codes of whoever may hold the certificate: the applicant, and whom the material's fields name."""
    codes = [applicant.get("credit_code"), applicant.get("id_number"), *map(answers.get, material.holder_fields)]
    return frozenset(code for code in codes if isinstance(code, str) and code)


def _view(row: Any) -> EarlierCertificate:
    return EarlierCertificate(
        row.document_id,
        row.number,
        row.name_zh,
        row.holder,
        row.department_name_zh,
        row.department_name_en,
        row.valid_until,
        row.power_item,
        row.holder_code,
        row.digest,
        row.size,
    )
