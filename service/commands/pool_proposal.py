"""What takes two people in the pools of inspections: to take somebody out of the draw, to change what an object is
inspected for, to end an officer's interest, and to put back what was taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from service.commands.proposals import Applied, Content, Proposal, ProposalKind
from service.commands.services import Services
from service.database.tables import draw_exclusion, inspection_object, officer_interest, person, post_holding
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.inspection_pools import departments_of_pools, matters_by_department

POOL_CHANGE: Final = "inspection_pool_changed"
OBJECT, OFFICER, INTEREST = "inspection_object", "inspection_officer", "officer_interest"
_OBJECT = select(inspection_object).where(
    inspection_object.c.department == bindparam("department"), inspection_object.c.credit_code == bindparam("key")
)
_OFFICER = (
    select(person.c.id, person.c.name, draw_exclusion.c.id.label("exclusion"))
    .join(post_holding, post_holding.c.person_id == person.c.id)
    .outerjoin(
        draw_exclusion,
        (draw_exclusion.c.person_id == person.c.id)
        & (draw_exclusion.c.department == bindparam("department"))
        & draw_exclusion.c.ended_at.is_(None),
    )
    .where(
        person.c.id == bindparam("key"),
        post_holding.c.department == bindparam("department"),
        post_holding.c.post == "officer",
        post_holding.c.ended_at.is_(None),
    )
)
_INTEREST = (
    select(officer_interest, person.c.name)
    .join(person, person.c.id == officer_interest.c.person_id)
    .where(officer_interest.c.id == bindparam("key"), person.c.department == bindparam("department"))
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """How a part of the pools is read, what it says now, and how it is changed."""

    read: Callable[[Connection, str, str], Any | None]
    names: tuple[str, ...]
    now: Callable[[Any], Content]
    write: Callable[[Connection, Any, Proposal, datetime], None]


def subject_of_pool(part: str, department: str, key: str | int) -> str:
    """`part` is an object (`key`: its credit code), an officer (the person's id) or an interest (its id)."""
    return f"{part}/{department}/{key}"


def _place(proposal: Proposal) -> tuple[str, str, str]:
    part, _, rest = proposal.subject.partition("/")
    department, _, key = rest.partition("/")
    return part, department, key


def _may_propose(actor: Actor, proposal: Proposal) -> bool:
    """Who keeps the pools; an officer proposes the end of an interest of his own (`check` holds it against the row)."""
    part, department, _ = _place(proposal)
    own = part == INTEREST and any(h.post == "officer" and h.department == department for h in actor.holdings)
    return own or may(actor, "keep_inspection_pools", department)


def _may_decide(actor: Actor, proposal: Proposal) -> bool:
    """A leader of the department, and never about himself."""
    part, department, key = _place(proposal)
    himself = part == OFFICER and key == str(actor.person_id)
    about = proposal.content.get("person_id") == actor.person_id
    return may(actor, "approve_pool_changes", department) and not himself and not about


def _check(connection: Connection, _services: Services, proposal: Proposal, _now: datetime) -> Content:
    part, department, key = _place(proposal)
    kept = _KEPT.get(part)
    row = kept.read(connection, department, key) if kept is not None else None
    if kept is None or row is None:
        raise not_found("该名录记录", f"{proposal.subject}")
    if part == INTEREST and row.person_id != proposal.proposed_by and not _keeps(connection, proposal, department):
        raise Refused("not_permitted", "只能提出本人的回避终止", "Expected an interest of one's own")
    wanted = {name: proposal.content[name] for name in kept.names if name in proposal.content}
    _require_sound(connection, department, wanted)
    was = kept.now(row)
    if not wanted or all(was[name] == value for name, value in wanted.items()):
        raise Refused("invalid_request", "没有要修改的内容", "Expected something else than what stands there")
    told = {"name": row.name, **({"person_id": row.person_id} if part == INTEREST else {})}
    return {**wanted, **told, "department": department}


def _keeps(connection: Connection, proposal: Proposal, department: str) -> bool:
    held = select(post_holding.c.id).where(
        post_holding.c.person_id == proposal.proposed_by,
        post_holding.c.department == department,
        post_holding.c.post == "section",
        post_holding.c.ended_at.is_(None),
    )
    return connection.execute(held).first() is not None


def _require_sound(connection: Connection, department: str, wanted: Mapping[str, Any]) -> None:
    for name in ("in_pool", "interest"):
        if not isinstance(wanted.get(name, True), bool):
            raise _wrong(name, "请选择", "Expected true or false")
    if "matters" in wanted:
        known = {one.value for one in matters_by_department(connection).get(department, ())}
        given = wanted["matters"]
        if not isinstance(given, list) or not given or not all(isinstance(one, str) and one in known for one in given):
            raise _wrong("matters", "请选择列出的抽查事项", "Expected matters of the department's plans")
        if given != sorted(set(given)):
            raise _wrong("matters", "抽查事项重复或者未排序", "Expected each matter once, in order")


def _wrong(name: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("not_a_choice", zh, en, pointer=f"/{name}")])


def _apply(connection: Connection, _services: Services, proposal: Proposal, now: datetime) -> Applied:
    part, department, key = _place(proposal)
    kept = _KEPT[part]
    row = kept.read(connection, department, key)
    if row is None:
        raise not_found("该名录记录", f"{proposal.subject}")
    was = {name: value for name, value in kept.now(row).items() if name in proposal.content}
    kept.write(connection, row, proposal, now)
    after = {name: proposal.content[name] for name in was}
    return Applied({"name": row.name, **was}, {"name": row.name, **after})


def _read_object(connection: Connection, department: str, key: str) -> Any | None:
    return connection.execute(_OBJECT.with_for_update(), {"department": department, "key": key}).one_or_none()


def _read_officer(connection: Connection, department: str, key: str) -> Any | None:
    return _by_number(connection, _OFFICER, department, key)


def _read_interest(connection: Connection, department: str, key: str) -> Any | None:
    return _by_number(connection, _INTEREST, department, key)


def _by_number(connection: Connection, statement: Any, department: str, key: str) -> Any | None:
    if not key.isdecimal() or len(key) > 15:
        return None
    return connection.execute(statement, {"department": department, "key": int(key)}).first()


def _write_object(connection: Connection, row: Any, proposal: Proposal, _now: datetime) -> None:
    content = proposal.content
    values = {"active": content.get("in_pool", row.active), "matters": content.get("matters", row.matters)}
    connection.execute(update(inspection_object).where(inspection_object.c.id == row.id).values(values))


def _write_officer(connection: Connection, row: Any, proposal: Proposal, now: datetime) -> None:
    if proposal.content["in_pool"]:
        ended = update(draw_exclusion).where(draw_exclusion.c.id == row.exclusion).values(ended_at=now)
        connection.execute(ended)
        return
    values = {"person_id": row.id, "department": proposal.content["department"], "reason": proposal.reason}
    connection.execute(insert(draw_exclusion), {**values, "since": now})


def _write_interest(connection: Connection, row: Any, proposal: Proposal, now: datetime) -> None:
    ended = None if proposal.content["interest"] else now
    connection.execute(update(officer_interest).where(officer_interest.c.id == row.id).values(ended_at=ended))


_KEPT: Final[Mapping[str, _Kept]] = {
    OBJECT: _Kept(
        _read_object,
        ("in_pool", "matters"),
        lambda row: {"in_pool": row.active, "matters": sorted(row.matters)},
        _write_object,
    ),
    OFFICER: _Kept(_read_officer, ("in_pool",), lambda row: {"in_pool": row.exclusion is None}, _write_officer),
    INTEREST: _Kept(_read_interest, ("interest",), lambda row: {"interest": row.ended_at is None}, _write_interest),
}

POOLS = ProposalKind(
    POOL_CHANGE,
    may_propose=_may_propose,
    may_decide=_may_decide,
    check=_check,
    apply=_apply,
    may_read=lambda actor: departments_of_pools(actor) != frozenset(),
    departments=departments_of_pools,
)
