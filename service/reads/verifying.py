"""Whether a certificate's number is genuine, as anybody may ask. Only what was published is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from service.database.tables import case, department, document, publication, user_task

# Papers that prove something to third parties; notices of a procedure are the parties' own affair.
_PROOFS = frozenset({"certificate", "cancel_proof"})
_DATES = ("valid_from", "valid_until")


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
        .where(document.c.number == number, document.c.kind.in_(_PROOFS), document.c.copies > 0)
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
