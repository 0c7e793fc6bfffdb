"""Which cases a person may see at all; what is not visible does not exist for them (404)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, exists, or_, select, true

from service.database.tables import case, case_department, case_reader, supervision_order, user_task
from service.people.actor import Actor
from service.people.permissions import PERMISSIONS, may

_CASES = ("read_cases_of_department", "read_cases_of_county")
_BESIDE = select(case_department.c.department, case_department.c.reads_only).where(
    case_department.c.case_id == bindparam("case_id")
)
_LET_READ = select(case_reader.c.id).where(
    case_reader.c.case_id == bindparam("case_id"),
    case_reader.c.person_id == bindparam("person_id"),
    case_reader.c.reads_until > bindparam("now"),
    case_reader.c.ended_at.is_(None),
)
_NAMED = select(user_task.c.id).where(
    user_task.c.case_id == bindparam("case_id"), user_task.c.named.contains(bindparam("who"), autoescape=False)
)
_ALARMS = ("read_alarms_of_department", "read_alarms_of_county")


def _departments(actor: Actor, own: str, county: str) -> frozenset[str] | None:
    """The departments in which this permission reaches, lent posts counted; None for the whole county."""
    if any(h.post in PERMISSIONS[county] for h in actor.holdings):
        return None
    return frozenset(h.department for h in actor.holdings if h.post in PERMISSIONS[own])


def departments_of_cases(actor: Actor) -> frozenset[str] | None:
    """Departments whose cases the person reads; None is all of them."""
    return _departments(actor, *_CASES)


def departments_of_alarms(actor: Actor) -> frozenset[str] | None:
    """Departments whose alarms and supervision orders the person reads; None is all of them."""
    return _departments(actor, *_ALARMS)


def departments_of_feedback(actor: Actor) -> frozenset[str] | None:
    """Departments of which the person reads what the public says: to supervise, or to answer it."""
    seen = departments_of_alarms(actor)
    answering = PERMISSIONS["answer_feedback"]
    return None if seen is None else seen | {h.department for h in actor.holdings if h.post in answering}


def may_read_case(actor: Actor, department: str, kind: str = "item") -> bool:
    """An order is supervision's affair: its readers are those of alarms."""
    found = departments_of_alarms(actor) if kind == "order" else departments_of_cases(actor)
    return found is None or department in found


def reads_case(
    connection: Connection, actor: Actor, case_id: int, department: str, kind: str = "item", *, now: datetime
) -> bool:
    """Whether the person reads this case: as one of his department's, as one in which it has or had a task, or as one
    that a leader lets him read until a day (授权阅件)."""
    if may_read_case(actor, department, kind):
        return True
    if kind == "order":
        # 被督办的经办人: once it has been sent to him.
        asked = {"case_id": case_id, "who": f",{actor.person_id},"}
        return connection.execute(_NAMED, asked).first() is not None
    own = departments_of_cases(actor) or frozenset()
    if not own.isdisjoint(departments_beside(connection, case_id)):
        return True
    asked = {"case_id": case_id, "person_id": actor.person_id, "now": now}
    return connection.execute(_LET_READ, asked).first() is not None


def departments_beside(connection: Connection, case_id: int, *, acting: bool = False) -> frozenset[str]:
    """The departments that read the case beside its own; `acting`, only those that have or had a task of it."""
    rows = connection.execute(_BESIDE, {"case_id": case_id}).all()
    return frozenset(row.department for row in rows if not (acting and row.reads_only))


def may_on_case(connection: Connection, actor: Actor, permission: str, case_id: int, department: str) -> bool:
    """Whether the person has the permission on this case: in its department, or in one that has or had a task of it."""
    if may(actor, permission, department):
        return True
    if not may(actor, permission):
        return False
    return any(may(actor, permission, beside) for beside in departments_beside(connection, case_id, acting=True))


def sent_to(actor: Actor) -> ColumnElement[bool]:
    """The condition over supervision orders that were sent to this person as the handler."""
    named = user_task.c.named.contains(f",{actor.person_id},", autoescape=True)
    return exists().where(user_task.c.case_id == supervision_order.c.case_id, named)


def visible(departments: frozenset[str] | None, column: ColumnElement[str] | None = None) -> ColumnElement[bool]:
    """The condition for a statement over rows with a department; without a column over cases, shared ones too."""
    if departments is None:
        return true()
    codes = sorted(departments)
    if column is not None:
        return column.in_(codes)
    shared = select(case_department.c.case_id).where(case_department.c.department.in_(codes))
    return or_(case.c.department.in_(codes), case.c.id.in_(shared))
