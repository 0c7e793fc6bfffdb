"""Whose task it is: the case's department, a fixed one (并联审批), or the one that an answer names (派单).

A department that comes to have a task of another's case reads that case from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Insert, bindparam, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from service.database.tables import case_department, department
from service.engine import Element, EngineFailure
from service.errors import Detail, Refused
from service.people.queries import holders_of

if TYPE_CHECKING:
    from service.catalogue.item import DocumentRule
    from service.commands.act import CaseAct

# An answer names a department by its code, a unit outside the office by its credit code.
_NAMED = select(department.c.code).where(
    or_(department.c.code == bindparam("named"), department.c.credit_code == bindparam("named"))
)


def _upsert(made: Any) -> Insert:
    """Who was to read only and comes to have a task does more than read."""
    found: Insert = made.on_conflict_do_update(
        index_elements=["department", "case_id"], set_={"reads_only": made.excluded.reads_only}
    )
    return found


_SHARE: dict[str, Insert] = {
    "sqlite": _upsert(sqlite.insert(case_department)),
    "postgresql": _upsert(postgresql.insert(case_department)),
}
_LET_READ: dict[str, Insert] = {
    "sqlite": sqlite.insert(case_department).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(case_department).on_conflict_do_nothing(),
}


def department_of(act: CaseAct, element: Element) -> str:
    """The code of the department whose task this is. Raises EngineFailure where an answer names none that is there."""
    if element.department_from is None:
        return element.department or str(act.row.case_department)
    found = _named(act, element.department_from)
    if found is None:
        raise EngineFailure(f"Expected {element.department_from} to name the department of {element.id}")
    return found


def _named(act: CaseAct, variable: str) -> str | None:
    value = act.run.lookup(variable)
    if not isinstance(value, str):
        return None
    if value not in act.departments_named:
        act.departments_named[value] = act.connection.execute(_NAMED, {"named": value}).scalars().first()
    return act.departments_named[value]


def issuer(act: CaseAct, rule: DocumentRule | None) -> str:
    """Whose paper a document is: that of the department whose step makes it. A unit outside the office issues none."""
    element = act.bundle.model.find(rule.made_at_step) if rule is not None else None
    if element is None:
        return str(act.row.case_department)
    code = department_of(act, element)
    by_credit_code = element.department_from is not None and act.run.lookup(element.department_from) != code
    return str(act.row.case_department) if by_credit_code else code


def require_somebody(act: CaseAct, element: Element) -> None:
    """A task is given only to a department where somebody can do it. Raises Refused invalid_answers."""
    if element.kind != "userTask" or element.department_from is None:
        return
    code = _named(act, element.department_from)
    if code is None or not holders_of(act.connection, element.post, code):
        words = (
            f"所选单位没有办理“{element.name_zh}”的人员，请另选单位或先设置岗位",
            f"Expected somebody for “{element.name_en}” in the department that was chosen, but there is nobody",
        )
        pointer = f"/answers/{element.department_from}"
        raise Refused("invalid_answers", *words, [Detail("nobody_eligible", *words, pointer=pointer)])


def share(act: CaseAct, code: str) -> None:
    """From now on the department reads the case."""
    if code != act.row.case_department:
        row = {"department": code, "case_id": act.row.case_id, "reads_only": False}
        act.put(_SHARE[act.connection.dialect.name], row)


def let_read(act: CaseAct, step_id: str, answers: Mapping[str, Any]) -> None:
    """The departments that the step's answer names (协办单位) read the case from now on, and do nothing in it."""
    field = act.item.readers_from.get(step_id) if act.item is not None else None
    for code in answers.get(field or "") or ():
        if isinstance(code, str) and code != act.row.case_department:
            row = {"department": code, "case_id": act.row.case_id, "reads_only": True}
            act.put(_LET_READ[act.connection.dialect.name], row)
