"""What a path names, if the person may know of it; everything else is 404, so that nobody learns what exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.database.rows import read_row
from service.database.tables import case, user_task
from service.errors import Refused, not_found
from service.reads.case_view import CaseRow, CaseView, case_view, find_case, read_case
from service.reads.hot import HotRow
from service.reads.staffing import unstaffed_now
from service.reads.task_view import TaskView, read_task
from service.reads.visibility import may_read_case, reads_case
from service.web.api.endpoint import Answer, Call
from service.web.case_secret import with_secret

_TASK = (
    select(user_task.c.post, user_task.c.department, case.c.kind, case.c.version)
    .join(case, case.c.id == user_task.c.case_id)
    .where(user_task.c.id == bindparam("task_id"))
)
_CASE = select(case.c.id, case.c.department, case.c.kind, case.c.version).where(case.c.number == bindparam("number"))


def require_task_visible(call: Call, connection: Connection, task_id: str) -> None:
    """The task exists for this person, and is as they saw it. Raises Refused not_found, version_conflict."""
    row = read_row(connection, _TASK, {"task_id": task_id})
    if row is None:
        raise _task_not_found(task_id)
    _require_known(call, task_id, row.post, row.department, row.kind)
    call.require_version(row.version)


def seen_task(call: Call) -> Callable[[HotRow], None]:
    """The same for a command that reads the task itself."""

    def require(row: HotRow) -> None:
        _require_known(call, row.task_id, row.task_post, row.task_department, row.kind)
        call.require_version(row.version)

    return require


def _require_known(call: Call, task_id: str, post: str, department: str, kind: str) -> None:
    known = (
        may_read_case(call.actor, department, kind)
        or call.actor.holding_for(post, department) is not None
        or task_id in call.actor.lent_tasks
    )
    if not known:
        raise _task_not_found(task_id)


def _task_not_found(task_id: str) -> Refused:
    return not_found("该环节", f"user task {task_id}")


def require_case_visible(call: Call, connection: Connection, number: str) -> int:
    """The id of a case that exists for this person, and is as they saw it."""
    row = read_row(connection, _CASE, {"number": number})
    if row is None or not reads_case(connection, call.actor, row.id, row.department, row.kind, now=call.now):
        raise case_not_found(number)
    call.require_version(row.version)
    return int(row.id)


def visible_case(call: Call, connection: Connection, number: str) -> CaseRow:
    """The bare case. Raises Refused not_found."""
    found = find_case(connection, call.web.services, call.actor, number)
    if found is None:
        raise case_not_found(number)
    return found


def case_not_found(number: str) -> Refused:
    return not_found("该办件", f"case {number}")


def whole_case(call: Call, connection: Connection, number: str) -> CaseView:
    """The case page, with the secret for those who may have it. Raises Refused not_found."""
    view = read_case(connection, call.web.services, call.actor, number, call.now)
    if view is None:
        raise case_not_found(number)
    return with_secret(view, call.web.services.settings, call.actor)


def case_after_act(call: Call, connection: Connection, number: str) -> CaseView:
    """The case as the act left it, also for a person who acts on it without reading such cases otherwise."""
    view = case_view(connection, call.web.services, _found(call, connection, number), call.now)
    return with_secret(view, call.web.services.settings, call.actor)


def _found(call: Call, connection: Connection, number: str) -> CaseRow:
    found = find_case(connection, call.web.services, None, number)
    if found is None:
        raise case_not_found(number)
    return found


def unstaffed_steps(call: Call, connection: Connection, number: str) -> list[dict[str, Any]]:
    """The steps of a case that nobody could do as posts are held now."""
    found = _found(call, connection, number)
    named = ("element_id", "name_zh", "name_en", "post", "department", "officers")
    return [
        {**{name: getattr(gap.step, name) for name in named}, "why": gap.why}
        for gap in unstaffed_now(connection, found, call.now)
    ]


def task_answer(call: Call, connection: Connection, task_id: str) -> Answer:
    """The task as it is now."""
    view: TaskView | None = read_task(connection, call.web.services, call.actor, task_id, call.locale)
    if view is None:
        raise _task_not_found(task_id)
    return Answer(view, version=view.version)


def case_answer(view: CaseView) -> Answer:
    return Answer(view, version=view.version)
