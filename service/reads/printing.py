"""Documents that wait for the printer: the newest of each kind of a case, in the departments where one prints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select
from sqlalchemy.engine import Row

from service.database.tables import case, document, print_job
from service.people.actor import COUNTY_POSTS, Actor
from service.people.permissions import PERMISSIONS
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of
from service.reads.visibility import visible

PRINTED = ("no", "yes")
_LATER = document.alias("later")
_NEWEST = ~(
    select(_LATER.c.id)
    .where(_LATER.c.case_id == document.c.case_id, _LATER.c.kind == document.c.kind, _LATER.c.id > document.c.id)
    .exists()
)
_JOB = select(print_job).where(print_job.c.id == bindparam("job_id"), print_job.c.person_id == bindparam("person_id"))


@dataclass(frozen=True, slots=True)
class PaperToPrint:
    id: int
    kind: str
    name_zh: str
    number: str | None
    made_at: datetime
    copies: int
    case_number: str
    case_status: str
    department: str
    applicant_name: str


@dataclass(frozen=True, slots=True)
class PaperFilter:
    """`printed` yes: what has left the office once already; `q` is a part of the case's number or the applicant."""

    printed: str = "no"
    kind: str | None = None
    q: str | None = None


def departments_of_printing(actor: Actor) -> frozenset[str]:
    """Where this person's own posts print; posts of the whole county print nothing."""
    posts = PERMISSIONS["print_documents"] - COUNTY_POSTS
    return frozenset(h.department for h in actor.holdings if h.principal_id is None and h.post in posts)


def list_papers(
    connection: Connection, actor: Actor, wanted: PaperFilter, asked: Asked = FIRST_PAGE
) -> Page[PaperToPrint]:
    """The oldest first, as they wait."""
    where = _conditions(actor, wanted)
    joined = select(document).join(case, case.c.id == document.c.case_id)
    total = connection.execute(joined.with_only_columns(func.count()).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(document.c.id > after[0])
    columns = (document, case.c.number.label("case_number"), case.c.status, case.c.department, case.c.applicant_name)
    rows = connection.execute(
        joined.with_only_columns(*columns).where(*where).order_by(document.c.id).limit(asked.limit + 1)
    ).all()
    return page_of(rows, total, asked, lambda row: [row.id], _paper)


def read_job(connection: Connection, actor: Actor, job_id: int) -> Row[Any] | None:
    """A print job of one's own; nobody looks into another's."""
    return connection.execute(_JOB, {"job_id": job_id, "person_id": actor.person_id}).one_or_none()


def _conditions(actor: Actor, wanted: PaperFilter) -> list[ColumnElement[bool]]:
    where = [visible(departments_of_printing(actor), case.c.department), _NEWEST, document.c.number.is_not(None)]
    where.append(document.c.copies > 0 if wanted.printed == "yes" else document.c.copies == 0)
    if wanted.kind is not None:
        where.append(document.c.kind == wanted.kind)
    if wanted.q:
        where.append(
            case.c.number.contains(wanted.q, autoescape=True)
            | case.c.applicant_name.contains(wanted.q, autoescape=True)
        )
    return where


def _paper(row: Row[Any]) -> PaperToPrint:
    return PaperToPrint(
        row.id,
        row.kind,
        row.name_zh,
        row.number,
        row.made_at,
        row.copies,
        row.case_number,
        row.status,
        row.department,
        row.applicant_name,
    )
