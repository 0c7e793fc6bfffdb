"""Decisions on penalties that the public may read now (行政处罚决定公示), masked when they were published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from service.database.tables import case, department, power_item, publication
from service.reads.paging import FIRST_PAGE, Asked, Page, instant, microseconds, page_of


@dataclass(frozen=True, slots=True)
class PublishedField:
    """One field as people read it, masked."""

    key: str
    label_zh: str
    label_en: str
    value_zh: str
    value_en: str


@dataclass(frozen=True, slots=True)
class PublishedPenalty:
    """`withdrawn_because` is `changed`, `annulled`, `unlawful` or `void`; what was withdrawn shows its number alone."""

    item_name_zh: str
    item_name_en: str
    department: str
    department_name_zh: str
    department_name_en: str
    result: tuple[PublishedField, ...]
    published_at: datetime
    until_on: date
    withdrawn_at: datetime | None
    withdrawn_because: str | None


_WITHDRAWN_SHOWS = frozenset({"decision_no"})


def list_penalties(
    connection: Connection, today: date, *, department_code: str | None = None, asked: Asked = FIRST_PAGE
) -> Page[PublishedPenalty]:
    """Those whose time has not passed, the newest first."""
    shown = [publication.c.stage == "result", publication.c.until_on >= today]
    if department_code is not None:
        shown.append(case.c.department == department_code)
    joined = publication.join(case, case.c.id == publication.c.case_id)
    total = connection.execute(select(func.count()).select_from(joined).where(*shown)).scalar_one()
    statement = (
        select(
            publication,
            case.c.department,
            department.c.name_zh.label("department_zh"),
            department.c.name_en.label("department_en"),
            power_item.c.name_zh,
            power_item.c.name_en,
        )
        .select_from(joined)
        .join(department, department.c.code == case.c.department)
        .join(power_item, and_(power_item.c.code == case.c.power_item, power_item.c.version == case.c.item_version))
        .where(*shown, *_behind(asked))
        .order_by(publication.c.published_at.desc(), publication.c.case_id.desc())
        .limit(asked.limit + 1)
    )
    rows = connection.execute(statement).all()
    return page_of(rows, total, asked, lambda row: [microseconds(row.published_at), row.case_id], _view)


def _behind(asked: Asked) -> Sequence[ColumnElement[bool]]:
    last = asked.after(int, int)
    if last is None:
        return ()
    at, case_id = instant(last[0]), last[1]
    older = publication.c.published_at < at
    return (or_(older, and_(publication.c.published_at == at, publication.c.case_id < case_id)),)


def _view(row: Any) -> PublishedPenalty:
    fields = [PublishedField(**one) for one in row.content or ()]
    if row.withdrawn_at is not None:
        fields = [one for one in fields if one.key in _WITHDRAWN_SHOWS]
    return PublishedPenalty(
        item_name_zh=row.name_zh,
        item_name_en=row.name_en,
        department=row.department,
        department_name_zh=row.department_zh,
        department_name_en=row.department_en,
        result=tuple(fields),
        published_at=row.published_at,
        until_on=row.until_on,
        withdrawn_at=row.withdrawn_at,
        withdrawn_because=row.withdrawn_because,
    )
