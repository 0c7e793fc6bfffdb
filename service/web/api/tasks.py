"""User tasks: the work list, and what a person does with a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from service.commands.claim_task import claim_task, release_task, save_draft
from service.commands.complete_task import CompleteTask, complete_task
from service.commands.sign_task import sign_task
from service.reads.alarms import AlarmView
from service.reads.paging import Page
from service.reads.task_view import read_tasks
from service.reads.work_list import STATUSES, VIEWS, WorkFilter, list_work
from service.web.api import schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Answers, Body, Choice, GivenInstant, Text
from service.web.api.visible import case_after_act, require_task_visible, seen_task, task_answer

endpoints = Endpoints("user-tasks")

_ACT = (
    "task_taken",
    "separation_of_duty",
    "case_halted",
    "terminal_shared",
    "case_closed",
    "version_conflict",
    "not_found",
)


class TaskQuery(PageQuery):
    view = Choice(*VIEWS)
    status = Choice(*STATUSES)
    power_item = Text(40)
    case = Text(40)
    due_before = GivenInstant()


class AnswersBody(Body):
    answers = Answers()


@endpoints.get("/user-tasks", answer=schemas.page_of(schemas.Task()), query=TaskQuery())
def find_tasks(call: Call, connection: Connection) -> Answer:
    """The work list: `mine`, `claimable`, `to_sign` or `department`; what is due first stands first."""
    query = call.query
    wanted = WorkFilter(
        query.get("view") or "mine",
        query.get("status"),
        query.get("power_item"),
        query.get("due_before"),
        query.get("case"),
    )
    page = list_work(connection, call.actor, wanted, asked_page(call))
    ids = [row.id for row in page.items]
    tasks = read_tasks(connection, call.web.services, None, ids, call.locale)
    return Answer(Page(tuple(tasks), page.total, page.next))


@endpoints.get("/user-tasks/<code:task_id>", answer=schemas.Task(), codes=("not_found",))
def read_one_task(call: Call, connection: Connection, task_id: str) -> Answer:
    """One task with its form, draft and checklist of materials."""
    return task_answer(call, connection, task_id)


@endpoints.post("/user-tasks/<code:task_id>/claim", answer=schemas.Task(), codes=_ACT)
def claim(call: Call, connection: Connection, task_id: str) -> Answer:
    """Take a task from the pool; claiming one's own again changes nothing."""
    require_task_visible(call, connection, task_id)
    claim_task(connection, call.web.services, call.actor, task_id, call.now)
    return task_answer(call, connection, task_id)


@endpoints.post("/user-tasks/<code:task_id>/release", answer=schemas.Task(), codes=_ACT)
def release(call: Call, connection: Connection, task_id: str) -> Answer:
    """Give a claimed task back to the pool; its draft stays."""
    require_task_visible(call, connection, task_id)
    release_task(connection, call.web.services, call.actor, task_id, call.now)
    return task_answer(call, connection, task_id)


@endpoints.put(
    "/user-tasks/<code:task_id>/draft", answer=schemas.Task(), body=AnswersBody(), codes=(*_ACT, "invalid_answers")
)
def keep_draft(call: Call, connection: Connection, task_id: str) -> Answer:
    """Keep unfinished answers; they may be incomplete and wrong."""
    require_task_visible(call, connection, task_id)
    save_draft(connection, call.web.services, call.actor, task_id, call.body["answers"], call.now)
    return task_answer(call, connection, task_id)


@endpoints.post(
    "/user-tasks/<code:task_id>/complete",
    answer=schemas.Completed(),
    body=AnswersBody(),
    codes=(*_ACT, "invalid_answers", "control_node_missing", "fee_unpaid"),
)
def complete(call: Call, connection: Connection, task_id: str) -> Answer:
    """Complete a task. Too early in a survey or hearing it does not count: the outcome is `halted`."""
    command = CompleteTask(task_id, call.body["answers"], seen=seen_task(call))
    done = complete_task(connection, call.web.services, call.actor, command, call.now)
    view = case_after_act(call, connection, done.case_number)
    answer = {"outcome": done.outcome, "case": view, "alarms": _raised(view.alarms, done.alarms)}
    return Answer(answer, version=view.version)


def _raised(alarms: Sequence[AlarmView], rows: Sequence[dict[str, Any]]) -> list[AlarmView]:
    """The alarms that this act raised."""
    ids = {row["id"] for row in rows}
    return [alarm for alarm in alarms if alarm.id in ids]


@endpoints.post("/user-tasks/<code:task_id>/sign", answer=schemas.Task(), codes=_ACT)
def sign(call: Call, connection: Connection, task_id: str) -> Answer:
    """The second officer's signature."""
    require_task_visible(call, connection, task_id)
    sign_task(connection, call.web.services, call.actor, task_id, call.now)
    return task_answer(call, connection, task_id)
