"""A reminder of the diagram has come (提醒): whoever has the step in hand is told, or all who may claim it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from service.commands.act import CaseAct
from service.database.tables import person, user_task
from service.engine import Element, Outcome
from service.notices.writing import Recipient, notify
from service.people.queries import holders_of
from service.reads.visibility import departments_beside

REMINDER = "reminder"
_OPEN = (
    select(
        user_task.c.element_id,
        user_task.c.name_zh,
        user_task.c.post,
        user_task.c.department,
        user_task.c.assignee,
        user_task.c.named,
        user_task.c.due_at,
    )
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "open")
    .order_by(user_task.c.id)
)
_PEOPLE = select(person.c.id, person.c.name, person.c.mobile).where(
    person.c.id.in_(bindparam("people", expanding=True)), person.c.active.is_(True)
)
# Of an order, by the post of the step.
RUNG_NAMES = {"sup1": "level1", "sup2": "level2", "centre": "centre"}
_PERSON = select(person.c.id, person.c.name, person.c.mobile).where(person.c.id == bindparam("person_id"))


def remind(act: CaseAct, outcome: Outcome) -> None:
    """Tell of the steps whose reminders fired in this act; one notice a step, however many of its times were missed.

    A reminder on a sub-process or a called process is for whatever is open in the case.
    """
    elements = act.bundle.model.elements.values()
    reminded = {h.element.attached_to for h in outcome.happenings if h.element.role == REMINDER}
    if not reminded:
        return
    scopes = {element.id for element in elements if element.id in reminded and element.kind != "userTask"}
    for task in act.connection.execute(_OPEN, {"case_id": act.row.case_id}).all():
        if scopes or task.element_id in reminded:
            text = _words(act, task)
            people = [Recipient(name, mobile, person_id) for person_id, name, mobile in _whose_turn(act, task)]
            about: dict[str, Any] = {"case_id": act.row.case_id, "kind": _kind(act, task), "text": text, "now": act.now}
            notify(act.connection, people, **about, sms=True)


def _kind(act: CaseAct, task: Any) -> str:
    """Reminders of an order are told apart by its rungs, for the page of the order shows them there."""
    if act.row.kind != "order":
        return "task_reminded"
    return f"order_reminded_{RUNG_NAMES.get(task.post, 'handler')}"


def _words(act: CaseAct, task: Any) -> str:
    if act.row.kind != "order":
        return f"办件 {act.row.number}“{task.name_zh}”尚未办结，请尽快办理。"
    due = task.due_at.astimezone(act.calendar.zone).strftime("%m月%d日 %H:%M") if task.due_at else ""
    late = task.due_at is not None and task.due_at < act.now
    when = f"已于 {due} 到期" if late else f"{due} 前须办结" if due else "尚未办结"
    return f"督办提醒：督办单 {act.row.number}“{task.name_zh}”{when}，请尽快办理。"


def tell_unit(act: CaseAct, step: Element, what: str) -> None:
    """Whoever outside the office a step waits for is told of it, where they have accounts (项目单位)."""
    codes = departments_beside(act.connection, act.row.case_id)
    rows = [row for code in sorted(codes) for row in holders_of(act.connection, step.post, code)]
    people = [Recipient(name, mobile, person_id) for person_id, name, mobile in rows]
    about: dict[str, Any] = {"case_id": act.row.case_id, "kind": "milestone_near", "now": act.now}
    name = act.run.lookup("milestone_name") or step.name_zh
    notify(act.connection, people, text=f"办件 {act.row.number}“{name}”{what}，请按期填报。", **about, sms=True)


def _whose_turn(act: CaseAct, task: Any) -> list[tuple[int, str, str | None]]:
    if task.assignee is None and task.named is not None:
        named = [int(one) for one in task.named.split(",") if one]
        return [(row.id, row.name, row.mobile) for row in act.connection.execute(_PEOPLE, {"people": named})]
    if task.assignee is None:
        return holders_of(act.connection, task.post, task.department)
    row = act.connection.execute(_PERSON, {"person_id": task.assignee}).one()
    return [(row.id, row.name, row.mobile)]
