"""What the paper of a supervision order (督办单) says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from service.certificates.document import DocumentData
from service.database.tables import alarm, order_alarm, user_task
from service.people.organs import organ_in_full
from service.people.queries import department_names
from service.reads.orders import OrderView
from service.working_time import WorkingCalendar

SOURCE_NAMES = {"alarm": "系统报警", "inspection": "检查发现", "complaint": "群众投诉", "leader": "领导批示"}
ORDER_PAPER: Final = "supervision_order"
# The control centre's seal stands on every order, whoever issues it.
CONTROL_CENTRE: Final = "KZ"
_RUNGS: Final = {2: "一级监察员", 3: "二级监察员", 4: "控制中心", 5: "控制中心（提出通报或者约谈）"}
_MOST_ALARMS = 12
_SAID = (
    select(user_task.c.element_id, user_task.c.answers, user_task.c.completed_at)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at)
)
_ALARMS = (
    select(alarm.c.summary_zh)
    .join(order_alarm, order_alarm.c.alarm_id == alarm.c.id)
    .where(order_alarm.c.order_case_id == bindparam("case_id"))
    .order_by(alarm.c.id)
)


def order_data(connection: Connection, order: OrderView, calendar: WorkingCalendar) -> DocumentData:
    """The facts of the paper, the same for whoever may see the order.

    Its blanks are signed by hand where nobody has answered in the product yet.
    """
    row = order.row
    said = {one.element_id: one for one in connection.execute(_SAID, {"case_id": row.case_id})}
    names = {code: organ_in_full(zh) for code, (zh, _) in department_names(connection).items()}
    alarms = connection.execute(_ALARMS, {"case_id": row.case_id}).scalars().all()
    fields = tuple(_fields(order, alarms, said, calendar))
    return DocumentData(
        number=row.number,
        title_zh="督办单",
        organ_zh=names.get(CONTROL_CENTRE, CONTROL_CENTRE),
        item_name_zh=row.demand,
        case_number=row.about_case or "",
        holder=names.get(row.department, row.department),
        made_on=calendar.local_date(row.opened_at),
        due_on=calendar.local_date(row.due_at) if row.due_at is not None else None,
        fields=fields,
        variant="confirmed" if row.status == "closed" else _said_until_now(said),
    )


def _said_until_now(said: dict[str, Any]) -> str:
    """What the product holds leaves no blank: `answered`, `confirmed`, or nothing yet."""
    if "confirm" in said:
        return "confirmed"
    return "answered" if "answer" in said or "handler_answer" in said else ""


def _fields(
    order: OrderView, alarms: Sequence[str], said: dict[str, Any], calendar: WorkingCalendar
) -> Iterator[tuple[str, str]]:
    row = order.row
    yield "督办层级", _RUNGS[row.rung]
    yield "督办来源", SOURCE_NAMES[row.source] + (f"（{row.issued_by}）" if row.issued_by else "")
    if row.about_case:
        yield "所涉办件", row.about_case
    if alarms:
        listed = list(alarms[:_MOST_ALARMS])
        more = len(alarms) - len(listed)
        if len(listed) > 1:
            listed = [f"{number}. {summary}" for number, summary in enumerate(listed, start=1)]
        yield "报警事项", "\n".join([*listed, f"另 {more} 条"] if more else listed)
    for element, key, label in (("urge", "urge_note", "二级督促"), ("centre_demand", "centre_demand", "控制中心要求")):
        if element in said:
            yield label, str((said[element].answers or {}).get(key) or "—")
    if row.reopened_as:
        yield "重新督办", f"报警事项转入督办单 {row.reopened_as}"
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
