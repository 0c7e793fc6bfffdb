"""What the paper of a supervision order (督办单) says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.certificates.document import DocumentData
from service.database.tables import user_task
from service.people.organs import organ_in_full
from service.people.queries import department_names
from service.reads.orders import OrderView
from service.working_time import WorkingCalendar

SOURCE_NAMES = {"alarm": "系统报警", "inspection": "检查发现", "complaint": "群众投诉", "leader": "领导批示"}
_CONTROL_CENTRE = "KZ"
_MOST_ALARMS = 12
_SAID = (
    select(user_task.c.element_id, user_task.c.answers, user_task.c.completed_at)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at)
)


def order_paper(connection: Connection, order: OrderView, calendar: WorkingCalendar) -> DocumentData:
    """The facts of the paper; its blanks are signed by hand where nobody has answered in the product yet."""
    row = order.row
    said = {one.element_id: one for one in connection.execute(_SAID, {"case_id": row.case_id})}
    names = {code: organ_in_full(zh) for code, (zh, _) in department_names(connection).items()}
    fields = tuple(_fields(order, said, calendar))
    return DocumentData(
        number=row.number,
        title_zh="督办单",
        organ_zh=names.get(_CONTROL_CENTRE, _CONTROL_CENTRE),
        item_name_zh=row.demand,
        case_number=row.about_case or "",
        holder=names.get(row.department, row.department),
        made_on=calendar.local_date(row.opened_at),
        due_on=calendar.local_date(row.due_at) if row.due_at is not None else None,
        fields=fields,
        variant=_said_until_now(said),
    )


def _said_until_now(said: dict[str, Any]) -> str:
    """What the product holds leaves no blank: `answered`, `confirmed`, or nothing yet."""
    if "confirm" in said:
        return "confirmed"
    return "answered" if "answer" in said or "handler_answer" in said else ""


def _fields(order: OrderView, said: dict[str, Any], calendar: WorkingCalendar) -> Iterator[tuple[str, str]]:
    row = order.row
    yield "督办来源", SOURCE_NAMES[row.source] + (f"（{row.issued_by}）" if row.issued_by else "")
    if row.about_case:
        yield "所涉办件", row.about_case
    if order.alarms:
        listed = [one.summary_zh for one in order.alarms[:_MOST_ALARMS]]
        more = len(order.alarms) - len(listed)
        if len(listed) > 1:
            listed = [f"{number}. {summary}" for number, summary in enumerate(listed, start=1)]
        yield "报警事项", "\n".join([*listed, f"另 {more} 条"] if more else listed)
    if order.row.handler and "handler_answer" in said:
        yield "经办人", order.row.handler
    answered = said.get("answer") or said.get("handler_answer")
    if answered is not None:
        given = answered.answers or {}
        yield "情况说明", str(given.get("explanation") or "—")
        yield "整改措施", str(given.get("measure") or "—")
        yield "依据证据", str(given.get("evidence") or "—")
        yield "答复时间", _instant(answered.completed_at, calendar)
    for one in order.extensions:
        if one.status == "granted":
            yield "批准延期", f"延至 {_instant(one.until, calendar)}（{one.decided_by}）：{one.opinion}"
    if "judge" in said:
        yield "一级认定", str((said["judge"].answers or {}).get("judge_opinion") or "—")
    if "confirm" in said:
        yield "确认意见", str((said["confirm"].answers or {}).get("confirm_opinion") or "—")


def _instant(at: datetime, calendar: WorkingCalendar) -> str:
    return at.astimezone(calendar.zone).strftime("%Y-%m-%d %H:%M")
