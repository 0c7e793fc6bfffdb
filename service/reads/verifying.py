"""Whether a certificate's number or a file is genuine, as anybody may ask. Only what was published is told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from service.certificates import PROOFS, Term, signature_digest, standing_on, term_of
from service.certificates.standing import REPLACED, VALID
from service.database.tables import (
    case,
    certificate,
    department,
    document,
    document_copy,
    order_paper,
    publication,
    supervision_order,
    user_task,
)
from service.reads.order_paper import CONTROL_CENTRE, ORDER_PAPER

_DATES = ("valid_from", "valid_until")
_REPLACING = document.alias("replacing")


_COPY = (
    select(
        document.c.number,
        document.c.kind,
        document.c.name_zh,
        document_copy.c.copy_no,
        document_copy.c.printed_at,
        department.c.name_zh,
        department.c.name_en,
        certificate.c.standing,
        certificate.c.valid_from,
        certificate.c.valid_until,
    )
    .join(document, document.c.id == document_copy.c.document_id)
    .outerjoin(certificate, certificate.c.document_id == document.c.id)
    .join(case, case.c.id == document.c.case_id)
    .join(department, department.c.code == case.c.department)
    .where(document_copy.c.digest == bindparam("digest"))
)
_PAPER = (
    select(
        document,
        case.c.id.label("the_case"),
        case.c.applicant_name,
        case.c.applicant,
        department.c.name_zh.label("department_zh"),
        department.c.name_en.label("department_en"),
        publication.c.published_at,
        certificate.c.standing,
        certificate.c.valid_from,
        certificate.c.valid_until,
        certificate.c.ended_at,
        certificate.c.ended_because,
        _REPLACING.c.number.label("replaced_by_number"),
    )
    .join(case, case.c.id == document.c.case_id)
    .join(department, department.c.code == case.c.department)
    .outerjoin(publication, (publication.c.case_id == case.c.id) & (publication.c.stage == "result"))
    .outerjoin(certificate, certificate.c.document_id == document.c.id)
    .outerjoin(_REPLACING, _REPLACING.c.id == certificate.c.replaced_by)
    # A number drawn with the decision proves nothing before the paper is printed.
    .where(document.c.number == bindparam("number"), document.c.kind.in_(PROOFS), document.c.copies > 0)
)
_ANSWERS = (
    select(user_task.c.answers)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at)
)
_SIGNATURE = select(document_copy.c.document_id).where(document_copy.c.signature_digest == bindparam("digest")).limit(1)

# 督办单: papers between organs. The public learns that they are genuine and nothing of what they are about.
_NEWEST_VERSION = (
    select(func.max(order_paper.c.version))
    .where(order_paper.c.order_case_id == case.c.id)
    .correlate(case)
    .scalar_subquery()
)
_ORDERS = (
    select(
        case.c.number,
        supervision_order.c.opened_at.label("made_at"),
        order_paper.c.version,
        order_paper.c.drawn_at,
        department.c.name_zh,
        department.c.name_en,
        _NEWEST_VERSION.label("newest"),
    )
    .join(case, case.c.id == order_paper.c.order_case_id)
    .join(supervision_order, supervision_order.c.case_id == case.c.id)
    .join(department, department.c.code == CONTROL_CENTRE)
)
_ORDER_BY_NUMBER = _ORDERS.where(case.c.number == bindparam("number")).limit(1)
_ORDER_BY_DIGEST = _ORDERS.where(order_paper.c.digest == bindparam("digest"))
_ORDER_SIGNATURE = select(order_paper.c.version).where(order_paper.c.signature_digest == bindparam("digest")).limit(1)
_ORDER_NAME = "督办单"


@dataclass(frozen=True, slots=True)
class Verified:
    """A genuine paper. `holder` is an organisation in full, a person masked by the caller; nothing of a paper between
    organs.

    `standing` is `valid`, `expired`, `not_yet`, `revoked`, `cancelled` or `replaced`; why and since when it ended, and
    the number of the paper that took its place.
    """

    number: str
    kind: str
    name_zh: str
    made_at: datetime
    department_zh: str
    department_en: str
    holder: str
    holder_json: Any
    published_at: datetime | None
    valid_from: str | None
    valid_until: str | None
    standing: str
    ended_at: datetime | None
    ended_because: str | None
    replaced_by: str | None


def verify_number(connection: Connection, number: str, today: date) -> Verified | None:
    """The paper of this number; None if the county has given out none of it."""
    row = connection.execute(_PAPER, {"number": number}).first()
    if row is None:
        return _verified_order(connection, number)
    registered = row.standing is not None
    term = Term(row.valid_from, row.valid_until) if registered else Term()
    if not registered:
        term = term_in_force(connection, row.the_case, row.content)
    return Verified(
        row.number,
        row.kind,
        row.name_zh,
        row.made_at,
        row.department_zh,
        row.department_en,
        row.applicant_name,
        row.applicant,
        row.published_at,
        _iso(term.valid_from),
        _iso(term.valid_until),
        standing_on(row.standing or VALID, term, today),
        row.ended_at,
        row.ended_because,
        row.replaced_by_number,
    )


def _verified_order(connection: Connection, number: str) -> Verified | None:
    row = connection.execute(_ORDER_BY_NUMBER, {"number": number}).first()
    if row is None:
        return None
    named = row.number, ORDER_PAPER, _ORDER_NAME, row.made_at, row.name_zh, row.name_en
    return Verified(*named, "", None, None, None, None, VALID, None, None, None)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """What a file is to the county.

    `status` is `genuine` (every byte as it was signed), `altered` (it bears a signature of ours, but is not the file
    that was signed) or `unknown`; only of a genuine file is told which paper it is and how that stands today.
    """

    status: str
    digest: str
    number: str | None = None
    kind: str = ""
    name_zh: str = ""
    copy_no: int = 0
    printed_at: datetime | None = None
    department_zh: str = ""
    department_en: str = ""
    standing: str = VALID


def verify_file(connection: Connection, content: bytes, today: date) -> VerifiedFile:
    """Compare the file with every copy that left the office; the file itself is not read as a PDF."""
    digest = hashlib.sha256(content).hexdigest()
    row = connection.execute(_COPY, {"digest": digest}).first()
    if row is not None:
        standing = standing_on(row.standing or VALID, Term(row.valid_from, row.valid_until), today)
        return VerifiedFile("genuine", digest, *row[:7], standing)
    order = connection.execute(_ORDER_BY_DIGEST, {"digest": digest}).first()
    if order is not None:
        named = order.number, ORDER_PAPER, _ORDER_NAME, order.version, order.drawn_at, order.name_zh, order.name_en
        return VerifiedFile("genuine", digest, *named, VALID if order.version == order.newest else REPLACED)
    signature = signature_digest(content)
    known = signature and any(
        connection.execute(asked, {"digest": signature}).first() is not None for asked in (_SIGNATURE, _ORDER_SIGNATURE)
    )
    return VerifiedFile("altered" if known else "unknown", digest)


def term_in_force(
    connection: Connection, case_id: int, content: Mapping[str, Any], fields: tuple[str, str] = _DATES
) -> Term:
    """The days between which a document holds: as it says itself, else as the case's forms have answered last."""
    found = answers_of(connection, case_id) | {key: value for key, value in content.items() if value}
    return term_of(*(found.get(key) for key in fields))


def answers_of(connection: Connection, case_id: int) -> dict[str, Any]:
    """Every answer that the case's forms have, the last one winning."""
    found: dict[str, Any] = {}
    for answers in connection.execute(_ANSWERS, {"case_id": case_id}).scalars():
        found.update({key: value for key, value in (answers or {}).items() if value})
    return found
