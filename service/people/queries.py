"""Reads of persons, their posts and who is to be told what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, and_, bindparam, func, null, or_, select, union_all

from service.database.rows import read_row, read_rows
from service.database.tables import delegation, department, leave, person, post_holding
from service.database.types import Instant
from service.people.actor import COUNTY_POSTS, Actor, Holding

# Whether a person is on leave at `now`; 1 or 0, which JSON has on both databases.
ON_LEAVE = (
    select(func.count())
    .where(
        leave.c.person_id == person.c.id,
        leave.c.ended_at.is_(None),
        leave.c.starts_at <= bindparam("now", type_=Instant),
        leave.c.ends_at > bindparam("now", type_=Instant),
    )
    .correlate(person)
    .scalar_subquery()
    .label("on_leave")
)
_PERSON = select(person.c.id, person.c.username, person.c.name, person.c.department, ON_LEAVE).where(
    person.c.id == bindparam("person_id"), person.c.active.is_(True)
)
_KEPT = _PERSON.with_for_update(read=True, key_share=True, of=person)
_PRINCIPAL = person.alias("principal")


def holdings_of(person_id: ColumnElement[int]) -> CompoundSelect[Any]:
    """(post, department, principal_id, name, task_id) of the posts that a person holds, and of those lent at `now`."""
    own = select(
        post_holding.c.post,
        post_holding.c.department,
        null().label("principal_id"),
        null().label("name"),
        null().label("task_id"),
    ).where(post_holding.c.person_id == person_id, post_holding.c.ended_at.is_(None))
    lender = and_(
        post_holding.c.person_id == delegation.c.principal_id,
        post_holding.c.post == delegation.c.post,
        post_holding.c.department == delegation.c.department,
        post_holding.c.ended_at.is_(None),
    )
    columns = (delegation.c.post, delegation.c.department, delegation.c.principal_id, _PRINCIPAL.c.name)
    lent = (
        select(*columns, delegation.c.task_id)
        .join(_PRINCIPAL, _PRINCIPAL.c.id == delegation.c.principal_id)
        .join(post_holding, lender)
        .where(
            delegation.c.delegate_id == person_id,
            delegation.c.revoked_at.is_(None),
            delegation.c.starts_at <= bindparam("now", type_=Instant),
            delegation.c.ends_at > bindparam("now", type_=Instant),
        )
    )
    return union_all(own, lent)


_HOLDINGS = holdings_of(bindparam("person_id"))


def read_actor(connection: Connection, person_id: int, now: datetime, *, keep: bool = False) -> Actor | None:
    """The person with posts held and lent at `now`; None if unknown or no longer active.

    `keep` waits for whoever is taking a post away (`commands.leaving` locks the person), and lets nobody begin to
    before this transaction has ended.
    """
    asked = {"person_id": person_id, "now": now}
    row = read_row(connection, _KEPT if keep else _PERSON, asked)
    return actor_of(row, read_rows(connection, _HOLDINGS, asked)) if row is not None else None


def actor_of(row: Any, held: Sequence[Any]) -> Actor:
    """`row` has the person's own columns; `held` are rows of `holdings_of`."""
    holdings = tuple(Holding(r[0], r[1], r[2], r[3]) for r in held if r[4] is None)
    lent_tasks = {r[4]: Holding(r[0], r[1], r[2], r[3]) for r in held if r[4] is not None}
    return Actor(row.id, row.username, row.name, row.department, holdings, lent_tasks, on_leave=bool(row.on_leave))


_HOLDERS = (
    select(person.c.id, person.c.name, person.c.mobile)
    .join(post_holding, post_holding.c.person_id == person.c.id)
    .where(post_holding.c.post == bindparam("post"), post_holding.c.ended_at.is_(None), person.c.active.is_(True))
    .distinct()
    .order_by(person.c.id)
)
_HOLDERS_THERE = _HOLDERS.where(post_holding.c.department == bindparam("department"))


def holders_of(connection: Connection, post: str, department_code: str | None) -> list[tuple[int, str, str | None]]:
    """(id, name, mobile) of the active holders of a post, in a department unless the post serves the county."""
    if department_code is None or post in COUNTY_POSTS:
        rows = read_rows(connection, _HOLDERS, {"post": post})
    else:
        rows = read_rows(connection, _HOLDERS_THERE, {"post": post, "department": department_code})
    return [(r.id, r.name, r.mobile) for r in rows]


def posts_held(connection: Connection, person_id: int) -> list[tuple[str, str]]:
    """(post, department) of the posts that a person holds now."""
    rows = connection.execute(
        select(post_holding.c.post, post_holding.c.department).where(
            post_holding.c.person_id == person_id, post_holding.c.ended_at.is_(None)
        )
    )
    return [(r.post, r.department) for r in rows]


def posts_lent(connection: Connection, person_id: int, now: datetime) -> list[tuple[str, str]]:
    """(post, department) of the posts that others lend to a person, now or later."""
    rows = connection.execute(
        select(delegation.c.post, delegation.c.department).where(
            delegation.c.delegate_id == person_id,
            delegation.c.task_id.is_(None),
            delegation.c.revoked_at.is_(None),
            delegation.c.ends_at > now,
        )
    )
    return [(r.post, r.department) for r in rows]


def person_names(connection: Connection, person_ids: set[int]) -> dict[int, str]:
    """{id: name} of these persons."""
    if not person_ids:
        return {}
    rows = connection.execute(select(person.c.id, person.c.name).where(person.c.id.in_(person_ids)))
    return {r.id: r.name for r in rows}


def department_names(connection: Connection) -> dict[str, tuple[str, str]]:
    """{code: (Chinese name, English name)} of every department."""
    return {r.code: (r.name_zh, r.name_en) for r in connection.execute(select(department))}


def find_person(connection: Connection, name_or_number: str, department_code: str) -> int | None:
    """The active person of a department whom an officer number, a name or a user name means."""
    return (
        connection.execute(
            select(person.c.id).where(
                person.c.department == department_code,
                person.c.active.is_(True),
                or_(
                    person.c.officer_number == name_or_number,
                    person.c.name == name_or_number,
                    person.c.username == name_or_number,
                ),
            )
        )
        .scalars()
        .first()
    )
