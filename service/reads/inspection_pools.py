"""名录库: objects and officers of random inspections, and the officers' interests, as their department keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select

from service.database.tables import (
    department,
    draw_exclusion,
    inspection_object,
    officer_interest,
    person,
    post_holding,
    power_item,
)
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.paging import FIRST_PAGE, Asked, Page, contains, page_of

# The step and the field of a plan that say what is inspected (items.yaml, double-random inspection).
_STEP, _FIELD = "make_plan", "plan_matter"
STATES: Final = ("active", "retired")
_INSPECTING = select(power_item.c.department, power_item.c.content).where(
    power_item.c.current.is_(True), power_item.c.category == "JC"
)
_KEEPING = select(power_item.c.code).where(
    power_item.c.current.is_(True),
    power_item.c.category == "JC",
    power_item.c.department.in_(bindparam("departments", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class Matter:
    """What an object may be inspected for."""

    value: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class ObjectView:
    """Somebody who may be inspected; not `active` where it was taken out of the pool."""

    id: int
    department: str
    credit_code: str
    name: str
    address: str
    matters: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class OfficerView:
    """Who holds the post of officer. `drawn` says whether he may be drawn; `why_not` is `excluded` or `no_number`."""

    person_id: int
    department: str
    name: str
    officer_number: str | None
    drawn: bool
    why_not: str | None
    reason: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class InterestView:
    """A declaration: this officer does not inspect this object. `reason` None: the reader is not told."""

    id: int
    person_id: int
    officer: str
    officer_number: str | None
    department: str
    credit_code: str
    name: str | None
    reason: str | None
    declared_at: datetime
    ended_at: datetime | None


def departments_of_pools(actor: Actor) -> frozenset[str] | None:
    """Departments whose pools the person reads; None is all of them."""
    if may(actor, "read_inspection_pools_of_county"):
        return None
    return frozenset(h.department for h in actor.holdings if may(actor, "read_inspection_pools", h.department))


def matters_by_department(connection: Connection) -> dict[str, tuple[Matter, ...]]:
    """The departments that inspect at random, each with what its plans may name."""
    found: dict[str, dict[str, Matter]] = {}
    for code, content in connection.execute(_INSPECTING):
        fields = (content.get("forms") or {}).get(_STEP) or ()
        options = next((one.get("options") or () for one in fields if one.get("key") == _FIELD), ())
        mine = found.setdefault(code, {})
        mine |= {str(one["value"]): Matter(str(one["value"]), one["zh"], one["en"]) for one in options}
    return {code: tuple(mine.values()) for code, mine in found.items()}


def has_pools(connection: Connection, actor: Actor) -> bool:
    """Whether a department of the person inspects at random; for the navigation, so nothing is read of the items."""
    mine = departments_of_pools(actor)
    if not mine:
        return mine is None
    return connection.execute(_KEEPING, {"departments": sorted(mine)}).first() is not None


def read_places(connection: Connection, actor: Actor) -> list[tuple[str, str, str]]:
    """(code, Chinese, English) of the departments with pools that the person reads."""
    mine, keeping = departments_of_pools(actor), sorted(matters_by_department(connection))
    rows = connection.execute(
        select(department.c.code, department.c.name_zh, department.c.name_en)
        .where(department.c.code.in_(keeping))
        .order_by(department.c.code)
    )
    return [(row[0], row[1], row[2]) for row in rows if mine is None or row[0] in mine]


def list_objects(
    connection: Connection, place: str, *, q: str | None = None, state: str | None = None, asked: Asked = FIRST_PAGE
) -> Page[ObjectView]:
    """The objects of a department by their codes; `q` is part of a name or code."""
    where: list[ColumnElement[bool]] = [inspection_object.c.department == place]
    if q:
        like = contains(q)
        where.append(or_(*(inspection_object.c[one].like(like, escape="\\") for one in ("name", "credit_code"))))
    if state is not None:
        where.append(inspection_object.c.active.is_(state == "active"))
    total = connection.execute(select(func.count()).select_from(inspection_object).where(*where)).scalar_one()
    if (after := asked.after(str)) is not None:
        where.append(inspection_object.c.credit_code > after[0])
    statement = select(inspection_object).where(*where).order_by(inspection_object.c.credit_code)
    rows = connection.execute(statement.limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.credit_code], _object)


def read_object(connection: Connection, object_id: int) -> ObjectView | None:
    row = connection.execute(select(inspection_object).where(inspection_object.c.id == object_id)).one_or_none()
    return _object(row) if row is not None else None


def _object(row: Any) -> ObjectView:
    matters = tuple(row.matters)
    return ObjectView(row.id, row.department, row.credit_code, row.name, row.address, matters, row.active)


def list_officers(connection: Connection, place: str) -> list[OfficerView]:
    """Everybody with the post of officer there now, and whether they may be drawn."""
    statement = (
        select(person.c.id, person.c.name, person.c.officer_number, draw_exclusion.c.reason, draw_exclusion.c.since)
        .join(post_holding, post_holding.c.person_id == person.c.id)
        .outerjoin(
            draw_exclusion,
            (draw_exclusion.c.person_id == person.c.id)
            & (draw_exclusion.c.department == place)
            & draw_exclusion.c.ended_at.is_(None),
        )
        .where(
            post_holding.c.department == place,
            post_holding.c.post == "officer",
            post_holding.c.ended_at.is_(None),
            person.c.active.is_(True),
        )
        .distinct()
        .order_by(person.c.id)
    )
    return [_officer(row, place) for row in connection.execute(statement)]


def _officer(row: Any, place: str) -> OfficerView:
    why_not = "excluded" if row.since is not None else "no_number" if not row.officer_number else None
    return OfficerView(row.id, place, row.name, row.officer_number, why_not is None, why_not, row.reason, row.since)


def list_interests(connection: Connection, actor: Actor, place: str, asked: Asked = FIRST_PAGE) -> Page[InterestView]:
    """The declarations of a department's officers, the newest first; an officer who keeps no pools sees his own."""
    where: list[ColumnElement[bool]] = [person.c.department == place]
    everything = reads_all_interests(actor, place)
    where += [] if everything else [officer_interest.c.person_id == actor.person_id]
    joined = officer_interest.join(person, person.c.id == officer_interest.c.person_id)
    total = connection.execute(select(func.count()).select_from(joined).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(officer_interest.c.id < after[0])
    rows = connection.execute(_interests(where).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.id], lambda row: _interest(row, actor))


def read_interest(connection: Connection, actor: Actor, interest_id: int) -> InterestView | None:
    row = connection.execute(_interests([officer_interest.c.id == interest_id])).one_or_none()
    return _interest(row, actor) if row is not None else None


def reads_all_interests(actor: Actor, place: str) -> bool:
    """Who keeps the pools, decides on them or supervises; an officer is not told of the others' affairs."""
    return (
        may(actor, "keep_inspection_pools", place)
        or may(actor, "approve_pool_changes", place)
        or may(actor, "read_inspection_pools_of_county")
    )


def _interests(where: Iterable[ColumnElement[bool]]) -> Any:
    return (
        select(
            officer_interest,
            person.c.name.label("officer"),
            person.c.officer_number,
            person.c.department,
            inspection_object.c.name.label("object_name"),
        )
        .join(person, person.c.id == officer_interest.c.person_id)
        .outerjoin(
            inspection_object,
            (inspection_object.c.credit_code == officer_interest.c.credit_code)
            & (inspection_object.c.department == person.c.department),
        )
        .where(*where)
        .order_by(officer_interest.c.id.desc())
    )


def _interest(row: Any, actor: Actor) -> InterestView:
    own = row.person_id == actor.person_id
    told = own or may(actor, "approve_pool_changes", row.department) or may(actor, "read_inspection_pools_of_county")
    return InterestView(
        row.id,
        row.person_id,
        row.officer,
        row.officer_number,
        row.department,
        row.credit_code,
        row.object_name,
        row.reason if told else None,
        row.declared_at,
        row.ended_at,
    )


def words_of(matters: Collection[Matter]) -> Mapping[str, tuple[str, str]]:
    """{value: (Chinese, English)}: how a file may name a matter."""
    return {one.value: (one.name_zh, one.name_en) for one in matters}
