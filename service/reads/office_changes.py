"""The book of what administrators have changed, the newest first; the departments and settings as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select
from sqlalchemy.engine import Row

from service.database.tables import department, office_change, person, setting
from service.people.county_settings import DEFAULTS, LOOSENED
from service.reads.paging import FIRST_PAGE, Asked, Page, contains, page_of

_ACTOR, _PROPOSER = person.alias("actor_person"), person.alias("proposer_person")
_JOINED = (
    select(office_change, _ACTOR.c.name.label("actor_name"), _PROPOSER.c.name.label("proposer_name"))
    .outerjoin(_ACTOR, _ACTOR.c.id == office_change.c.actor)
    .outerjoin(_PROPOSER, _PROPOSER.c.id == office_change.c.proposer)
)


@dataclass(frozen=True, slots=True)
class ChangeView:
    """`proposed_by` is set where two people were needed; `changed_by` None is the installation itself."""

    id: int
    at: datetime
    kind: str
    subject: str
    subject_name: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str
    changed_by: str | None
    proposed_by: str | None


def list_changes(
    connection: Connection, *, subject: str | None = None, kind: str | None = None, asked: Asked = FIRST_PAGE
) -> Page[ChangeView]:
    """All of them, or those about a subject (`person/12`) and what stands below it."""
    where: list[ColumnElement[bool]] = []
    if subject:
        below = contains(subject)[1:-1] + "/%"
        where.append(or_(office_change.c.subject == subject, office_change.c.subject.like(below, escape="\\")))
    where += [office_change.c.kind == kind] if kind else []
    total = connection.execute(select(func.count()).select_from(office_change).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(office_change.c.id < after[0])
    rows = connection.execute(_JOINED.where(*where).order_by(office_change.c.id.desc()).limit(asked.limit + 1)).all()
    names = _people(connection, rows)
    return page_of(rows, total, asked, lambda row: [row.id], lambda row: _view(row, names))


def _people(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, str]:
    """The names of the people whom these changes are about, by the first two parts of the subject."""
    ids = {int(part[1]) for row in rows if (part := row.subject.split("/"))[0] == "person" and part[1].isdigit()}
    found = connection.execute(select(person.c.id, person.c.name).where(person.c.id.in_(ids))) if ids else ()
    return {f"person/{row.id}": row.name for row in found}


def _view(row: Row[Any], names: Mapping[str, str]) -> ChangeView:
    return ChangeView(
        row.id,
        row.at,
        row.kind,
        row.subject,
        names.get("/".join(row.subject.split("/")[:2])),
        row.before,
        row.after,
        row.reason,
        row.actor_name,
        row.proposer_name,
    )


@dataclass(frozen=True, slots=True)
class DepartmentView:
    code: str
    name_zh: str
    name_en: str
    credit_code: str | None
    people: int


def list_departments(connection: Connection) -> tuple[DepartmentView, ...]:
    """Every department by its code, with the number of its active people."""
    people = (
        select(func.count())
        .select_from(person)
        .where(person.c.department == department.c.code, person.c.active.is_(True))
        .correlate(department)
        .scalar_subquery()
    )
    rows = connection.execute(select(department, people.label("people")).order_by(department.c.code))
    return tuple(DepartmentView(r.code, r.name_zh, r.name_en, r.credit_code, r.people) for r in rows)


@dataclass(frozen=True, slots=True)
class SettingView:
    """`chosen` says whether the county has chosen it; else the default holds."""

    name: str
    content: Mapping[str, Any]
    chosen: bool


def read_settings_of_county(connection: Connection) -> tuple[SettingView, ...]:
    """Every setting that a county may choose."""
    rows = connection.execute(select(setting).where(setting.c.name.in_(sorted(DEFAULTS))))
    found = {row.name: row.content for row in rows}
    return tuple(SettingView(name, {**usual, **found.get(name, {})}, name in found) for name, usual in DEFAULTS.items())


def loosened_departments(connection: Connection) -> list[Row[Any]]:
    """Departments where a level-1 supervisor may hold business posts, which the county makes public."""
    chosen = connection.execute(select(setting.c.content).where(setting.c.name == LOOSENED)).scalar_one_or_none() or {}
    codes = chosen.get("sup1", [])
    return list(connection.execute(select(department).where(department.c.code.in_(codes)).order_by(department.c.code)))
