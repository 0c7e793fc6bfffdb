"""Look-ups of official data as auditors read them: who asked which register about whom, for which case or for none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, or_, select

from service.database.tables import case, department, official_lookup, person, power_item
from service.reads.paging import FIRST_PAGE, Asked, Page, contains, page_of

REGISTERS: Final = ("organisation", "resident")
OUTCOMES: Final = ("asked", "found", "not_found", "unavailable")
# Whether a case has followed: questions are asked while an application is entered, before its case is there.
CASES: Final = ("with", "without")
_ROWS = (
    select(
        official_lookup.c.id,
        official_lookup.c.at,
        person.c.name.label("person"),
        person.c.department,
        department.c.name_zh.label("department_name_zh"),
        department.c.name_en.label("department_name_en"),
        official_lookup.c.register,
        official_lookup.c.subject_masked,
        official_lookup.c.power_item,
        power_item.c.name_zh.label("item_zh"),
        power_item.c.name_en.label("item_en"),
        official_lookup.c.form_key,
        official_lookup.c.field,
        official_lookup.c.purpose,
        official_lookup.c.outcome,
        case.c.number.label("case_number"),
    )
    .join(person, person.c.id == official_lookup.c.person_id)
    .join(department, department.c.code == person.c.department)
    .outerjoin(case, case.c.id == official_lookup.c.case_id)
    .outerjoin(power_item, (power_item.c.code == official_lookup.c.power_item) & power_item.c.current.is_(True))
)


@dataclass(frozen=True, slots=True)
class LookupView:
    """`case_number` None: no case has followed yet. Of whom it was asked is told masked; what was answered, nobody."""

    id: int
    at: datetime
    person: str
    department: str
    department_name_zh: str
    department_name_en: str
    register: str
    subject_masked: str
    power_item: str | None
    item_zh: str | None
    item_en: str | None
    form_key: str
    field: str
    purpose: str
    outcome: str
    case_number: str | None


@dataclass(frozen=True, slots=True)
class LookupFilter:
    """`q` is part of a name, a case's number or a masked number; `cases` one of with and without."""

    q: str | None = None
    register: str | None = None
    outcome: str | None = None
    cases: str | None = None


def list_lookups(
    connection: Connection,
    wanted: LookupFilter = LookupFilter(),
    asked: Asked = FIRST_PAGE,
) -> Page[LookupView]:
    """The newest first."""
    where = _where(wanted)
    counted = select(func.count()).select_from(_ROWS.where(*where).subquery())
    total = connection.execute(counted).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(official_lookup.c.id < after[0])
    rows = connection.execute(_ROWS.where(*where).order_by(official_lookup.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.id], _view)


def _where(wanted: LookupFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.q:
        like = contains(wanted.q)
        texts = (person.c.name, case.c.number, official_lookup.c.subject_masked)
        where.append(or_(*(text.like(like, escape="\\") for text in texts)))
    where += [official_lookup.c.register == wanted.register] if wanted.register else []
    where += [official_lookup.c.outcome == wanted.outcome] if wanted.outcome else []
    if wanted.cases:
        without = official_lookup.c.case_id.is_(None)
        where.append(without if wanted.cases == "without" else ~without)
    return where


def _view(row: Any) -> LookupView:
    return LookupView(*row)
