"""名录库: objects are added one by one or from a file, officers declare interests; a second person takes out.

Whoever is taken out of a pool is inspected, or inspects, no more: so that takes two people (`pool_proposal`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.commands.office_changes import OfficeChange, note_change, note_changes, stated
from service.database.tables import inspection_object, officer_interest, person
from service.errors import Detail, Refused, not_found
from service.form_schemas.identity import is_credit_code
from service.inspections.pool_file import Fault, PoolObject, object_fault, read_pool_file
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.inspection_pools import Matter, departments_of_pools, matters_by_department, words_of

_MOST_TOLD = 50
_THERE = select(inspection_object).where(inspection_object.c.department == bindparam("department")).with_for_update()
_CHANGE = (
    update(inspection_object)
    .where(inspection_object.c.id == bindparam("b_id"))
    .values(name=bindparam("name"), address=bindparam("address"), matters=bindparam("matters"))
)
_OFFICER = select(person.c.id, person.c.name, person.c.department).where(
    person.c.id == bindparam("person_id"), person.c.active.is_(True)
)
_INTEREST = select(officer_interest).where(
    officer_interest.c.person_id == bindparam("person_id"), officer_interest.c.credit_code == bindparam("credit_code")
)


@dataclass(frozen=True, slots=True)
class AddObject:
    """One who may be inspected by the department, and what for."""

    department: str
    object: PoolObject
    reason: str


@dataclass(frozen=True, slots=True)
class ImportObjects:
    """A file of objects for the department's pool; see `inspections/pool_file.py` for its columns."""

    department: str
    content: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """How many the file has added and changed, how many were there as it says, and how many are out of the pool."""

    added: int
    changed: int
    unchanged: int
    retired: int


@dataclass(frozen=True, slots=True)
class DeclareInterest:
    """`person_id` is an officer; anybody but himself says it for him as one who decides on recusals."""

    person_id: int
    credit_code: str
    reason: str


def add_object(connection: Connection, actor: Actor, command: AddObject, now: datetime) -> int:
    """Put an object into the pool; its id. Of one that is there, name and address are put right and matters added.

    Raises Refused: not_permitted, invalid_request, move_refused where it was taken out of the pool.
    """
    known = _require_keeper(connection, actor, command.department)
    one, reason = command.object, stated(command.reason)
    fault = object_fault(one)
    wrong = set(one.matters) - {matter.value for matter in known}
    if wrong and fault is None:
        fault = ("matters", "请选择列出的抽查事项", "Expected matters of the department's plans")
    if fault is not None:
        raise Refused("invalid_request", *fault[1:], [Detail("not_a_choice", *fault[1:], pointer=f"/{fault[0]}")])
    done = _put(connection, actor, command.department, [one], reason, now)
    if done.retired:
        raise Refused(
            "move_refused",
            "该对象已调出名录库，恢复须另一人批准",
            "Expected an object that was not taken out of the pool; another person must agree to its coming back",
        )
    asked = {"department": command.department, "code": one.credit_code}
    found = select(inspection_object.c.id).where(
        inspection_object.c.department == bindparam("department"), inspection_object.c.credit_code == bindparam("code")
    )
    return int(connection.execute(found, asked).scalar_one())


def import_objects(connection: Connection, actor: Actor, command: ImportObjects, now: datetime) -> Imported:
    """Take the objects of a file in: all of them or, where a line is wrong, none.

    No file takes anybody out: matters are added, and whoever was taken out stays out. Raises Refused: not_permitted,
    invalid_request with a line for each fault.
    """
    known = _require_keeper(connection, actor, command.department)
    reason = stated(command.reason)
    objects, faults = read_pool_file(command.content, words_of(known))
    if faults:
        words = f"文件有 {len(faults)} 处错误，没有导入", f"Expected a file without faults, found {len(faults)}"
        raise Refused("invalid_request", *words, list(_told(faults)))
    done = _put(connection, actor, command.department, objects, reason, now)
    told = {"file_digest": sha256(command.content).hexdigest(), "added": done.added, "changed": done.changed}
    change = OfficeChange("inspection_objects_imported", f"inspection_object/{command.department}", reason, None, told)
    note_change(connection, actor, change, now)
    return done


def declare_interest(connection: Connection, actor: Actor, command: DeclareInterest, now: datetime) -> int:
    """申报回避: from now on the officer is not drawn for this object; the declaration's id.

    Raises Refused: not_found, not_permitted, invalid_request, move_refused where it is declared already.
    """
    officer = connection.execute(_OFFICER, {"person_id": command.person_id}).one_or_none()
    if officer is None:
        raise not_found("该人员", f"person {command.person_id}")
    if not _may_declare(actor, officer.id, officer.department):
        raise Refused(
            "not_permitted",
            "回避由本人申报，或由本部门负责人登记",
            "Expected the officer, or a leader of the department",
        )
    reason, code = stated(command.reason), command.credit_code.strip().upper()
    if not is_credit_code(code):
        words = "统一社会信用代码校验不符", "Expected a credit code whose check digit is right"
        raise Refused("invalid_request", *words, [Detail("credit_code", *words, pointer="/credit_code")])
    row = connection.execute(_INTEREST, {"person_id": officer.id, "credit_code": code}).one_or_none()
    if row is not None and row.ended_at is None:
        raise Refused("move_refused", "该回避已申报", "Expected an interest that is not declared yet")
    values = {"reason": reason, "declared_at": now, "ended_at": None}
    if row is None:
        kept = insert(officer_interest).values(person_id=officer.id, credit_code=code, **values)
        interest_id = int(connection.execute(kept.returning(officer_interest.c.id)).scalar_one())
    else:
        interest_id = row.id
        connection.execute(update(officer_interest).where(officer_interest.c.id == row.id).values(values))
    # The reason stays with the declaration: it tells of the officer's private affairs, and the book is read by many.
    after = {"name": officer.name, "credit_code": code}
    subject = f"officer_interest/{officer.department}/{interest_id}"
    note_change(connection, actor, OfficeChange("officer_interest_declared", subject, "申报回避", None, after), now)
    return interest_id


def _may_declare(actor: Actor, person_id: int, department: str) -> bool:
    own = person_id == actor.person_id and any(h.post == "officer" and h.principal_id is None for h in actor.holdings)
    return own or may(actor, "decide_recusals", department)


def _require_keeper(connection: Connection, actor: Actor, department: str) -> tuple[Matter, ...]:
    """What the department inspects. Raises Refused not_permitted, not_found where it inspects nothing at random."""
    known = matters_by_department(connection).get(department)
    mine = departments_of_pools(actor)
    if known is None or (mine is not None and department not in mine):
        raise not_found("该部门的名录库", f"pools of {department}")
    if not may(actor, "keep_inspection_pools", department):
        raise Refused("not_permitted", "名录库由本部门科室负责人维护", "Expected a head of section of the department")
    return known


def _put(
    connection: Connection, actor: Actor, department: str, objects: Iterable[PoolObject], reason: str, now: datetime
) -> Imported:
    there = {row.credit_code: row for row in connection.execute(_THERE, {"department": department})}
    given = list(objects)
    new = [one for one in given if one.credit_code not in there]
    known = [(there[one.credit_code], one) for one in given if one.credit_code in there]
    changed = [(row, _merged(row, one)) for row, one in known if row.active and _merged(row, one) != _content(row)]
    rows = [{"department": department, "active": True, **_values(one), "credit_code": one.credit_code} for one in new]
    if rows:
        connection.execute(insert(inspection_object), rows)
    if changed:
        connection.execute(_CHANGE, [{"b_id": row.id, **content} for row, content in changed])
    place = f"inspection_object/{department}"
    book = [
        OfficeChange("inspection_object_added", f"{place}/{one.credit_code}", reason, None, _values(one)) for one in new
    ]
    book += [
        OfficeChange("inspection_object_corrected", f"{place}/{row.credit_code}", reason, _content(row), content)
        for row, content in changed
    ]
    note_changes(connection, actor, book, now)
    retired = sum(not row.active for row, _ in known)
    return Imported(len(new), len(changed), len(known) - len(changed) - retired, retired)


def _values(one: PoolObject) -> dict[str, Any]:
    return {"name": one.name, "address": one.address, "matters": list(one.matters)}


def _content(row: Any) -> dict[str, Any]:
    return {"name": row.name, "address": row.address, "matters": sorted(row.matters)}


def _merged(row: Any, one: PoolObject) -> dict[str, Any]:
    return {"name": one.name, "address": one.address, "matters": sorted({*row.matters, *one.matters})}


def _told(faults: Iterable[Fault]) -> Iterable[Detail]:
    for fault in list(faults)[:_MOST_TOLD]:
        zh = f"第 {fault.line} 行：{fault.zh}" if fault.line else fault.zh
        en = f"Line {fault.line}: {fault.en}" if fault.line else fault.en
        yield Detail("invalid_row", zh, en, pointer="/file")
