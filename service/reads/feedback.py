"""What the public has said of cases, for who answers and for who supervises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.engine import Row

from service.database.tables import case, feedback, person
from service.people.actor import Actor
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of
from service.reads.visibility import departments_of_feedback, visible

_JOINED = (
    select(feedback, case.c.number.label("case_number"), person.c.name.label("answered_by_name"))
    .outerjoin(case, case.c.id == feedback.c.case_id)
    .outerjoin(person, person.c.id == feedback.c.answered_by)
)


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """`kind` rating or complaint; `stars` of a rating, `founded` of a complaint that is answered."""

    id: int
    kind: str
    case_number: str | None
    department: str
    stars: int | None
    text: str
    given_at: datetime
    answer: str | None
    founded: bool | None
    answered_at: datetime | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class FeedbackFilter:
    kind: str | None = None
    department: str | None = None
    unanswered: bool = False


def list_feedback(
    connection: Connection, actor: Actor, wanted: FeedbackFilter, asked: Asked = FIRST_PAGE
) -> Page[FeedbackView]:
    """That of the departments of which this person may know it, the newest first."""
    where = _where(actor, wanted)
    total = connection.execute(select(func.count()).select_from(feedback).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(feedback.c.id < after[0])
    rows = connection.execute(_JOINED.where(*where).order_by(feedback.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.id], _view)


def read_feedback(connection: Connection, actor: Actor, feedback_id: int) -> FeedbackView | None:
    """One; None if there is none that this person may see."""
    where = [*_where(actor, FeedbackFilter()), feedback.c.id == feedback_id]
    row = connection.execute(_JOINED.where(*where)).one_or_none()
    return None if row is None else _view(row)


def feedback_of_number(connection: Connection, number: str) -> tuple[FeedbackView, ...]:
    """All that was said of a case, in order; who asks has proved to know its secret."""
    rows = connection.execute(_JOINED.where(case.c.number == number).order_by(feedback.c.id))
    return tuple(_view(row) for row in rows)


def _where(actor: Actor, wanted: FeedbackFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [visible(departments_of_feedback(actor), feedback.c.department)]
    if wanted.kind is not None:
        where.append(feedback.c.kind == wanted.kind)
    if wanted.department is not None:
        where.append(feedback.c.department == wanted.department)
    if wanted.unanswered:
        where.append(feedback.c.answered_at.is_(None))
    return where


def _view(row: Row[Any]) -> FeedbackView:
    return FeedbackView(
        row.id,
        row.kind,
        row.case_number,
        row.department,
        row.stars,
        row.text,
        row.given_at,
        row.answer,
        row.founded,
        row.answered_at,
        row.answered_by_name,
    )
