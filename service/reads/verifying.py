"""Whether a certificate's number or a file is genuine, as anybody may ask. Only what was published is told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.certificates import PROOFS, signature_digest
from service.database.tables import case, department, document, document_copy, publication, user_task

_DATES = ("valid_from", "valid_until")


_COPY = (
    select(
        document.c.number,
        document.c.kind,
        document.c.name_zh,
        document_copy.c.copy_no,
        document_copy.c.printed_at,
        department.c.name_zh,
        department.c.name_en,
    )
    .join(document, document.c.id == document_copy.c.document_id)
    .join(case, case.c.id == document.c.case_id)
    .join(department, department.c.code == case.c.department)
    .where(document_copy.c.digest == bindparam("digest"))
)
_SIGNATURE = select(document_copy.c.document_id).where(document_copy.c.signature_digest == bindparam("digest")).limit(1)


@dataclass(frozen=True, slots=True)
class Verified:
    """A genuine paper. `holder` is an organisation in full, a person masked by the caller; None for no holder."""

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


def verify_number(connection: Connection, number: str) -> Verified | None:
    """The paper of this number; None if the county has given out none of it."""
    row = connection.execute(
        select(
            document,
            case.c.id.label("the_case"),
            case.c.applicant_name,
            case.c.applicant,
            department.c.name_zh.label("department_zh"),
            department.c.name_en.label("department_en"),
            publication.c.published_at,
        )
        .join(case, case.c.id == document.c.case_id)
        .join(department, department.c.code == case.c.department)
        .outerjoin(publication, (publication.c.case_id == case.c.id) & (publication.c.stage == "result"))
        # A number drawn with the decision proves nothing before the paper is printed.
        .where(document.c.number == number, document.c.kind.in_(PROOFS), document.c.copies > 0)
    ).first()
    if row is None:
        return None
    dates = _dates(connection, row.the_case)
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
        dates.get("valid_from"),
        dates.get("valid_until"),
    )


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """What a file is to the county.

    `status` is `genuine` (every byte as it was signed), `altered` (it bears a signature of ours, but is not the file
    that was signed) or `unknown`; only of a genuine file is told which paper it is.
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


def verify_file(connection: Connection, content: bytes) -> VerifiedFile:
    """Compare the file with every copy that left the office; the file itself is not read as a PDF."""
    digest = hashlib.sha256(content).hexdigest()
    row = connection.execute(_COPY, {"digest": digest}).first()
    if row is not None:
        return VerifiedFile("genuine", digest, *row)
    signature = signature_digest(content)
    known = signature and connection.execute(_SIGNATURE, {"digest": signature}).first()
    return VerifiedFile("altered" if known else "unknown", digest)


def _dates(connection: Connection, case_id: int) -> dict[str, str]:
    rows = connection.execute(
        select(user_task.c.answers)
        .where(user_task.c.case_id == case_id, user_task.c.status == "completed")
        .order_by(user_task.c.completed_at)
    ).scalars()
    found: dict[str, str] = {}
    for answers in rows:
        found.update({key: str(answers[key]) for key in _DATES if (answers or {}).get(key)})
    return found
