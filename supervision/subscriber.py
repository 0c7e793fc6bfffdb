"""What supervision does inside the transaction of an act: raises alarms, tells people, moves orders on their ladder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from service.cases.happened import CaseFacts, HaltRuled, Happened, OrderMoved
from service.database.session import is_sqlite
from service.database.tables import alarm, user_task
from service.notices.writing import Recipient, add_to_outbox, notify
from service.people.queries import holders_of
from service.reads.calendar import CalendarCache
from supervision.alarm_rules import RULE_VERSION, AlarmDraft, alarms
from supervision.orders import ladder

COLOUR_NAMES = {"blue": "蓝色", "yellow": "黄色"}
_OPEN_TASKS = select(user_task.c.post, user_task.c.department, user_task.c.assignee).where(
    user_task.c.case_id == bindparam("case_id"), user_task.c.status == "open"
)
# items.yaml, meta.escalation_defaults, rung 2: the level-1 supervisor acts within four office hours.
ACT_WITHIN_OFFICE_HOURS = 4


def subscriber(calendars: CalendarCache) -> Callable[..., list[dict[str, Any]]]:
    """The function that the service tells what happened; it answers with the alarms it raised."""

    def told(
        connection: Connection, facts: CaseFacts, happened: Sequence[Happened], now: datetime
    ) -> list[dict[str, Any]]:
        if not happened:
            return []
        raised = [
            row
            for draft in alarms(facts, happened)
            if (row := _raise(connection, calendars, facts, draft, now)) is not None
        ]
        for fact in happened:
            if isinstance(fact, OrderMoved):
                ladder.moved(connection, facts, fact, now)
            elif isinstance(fact, HaltRuled):
                _answer_order(connection, facts, fact, now)
        return raised

    return told


def _raise(
    connection: Connection, calendars: CalendarCache, facts: CaseFacts, draft: AlarmDraft, now: datetime
) -> dict[str, Any] | None:
    """Write the alarm unless it stands already; a red one asks for an order, the others tell the office."""
    act_by = None
    if draft.colour == "red":
        act_by = calendars.get(connection).add_office_hours(now, ACT_WITHIN_OFFICE_HOURS)
    insert = sqlite_insert if is_sqlite(connection) else postgresql_insert
    alarm_id = connection.execute(
        insert(alarm)
        .values(
            case_id=facts.case_id,
            subject=draft.subject,
            kind=draft.kind,
            rule=draft.rule,
            rule_version=RULE_VERSION,
            colour=draft.colour,
            status="open",
            raised_at=now,
            department=draft.department or facts.department,
            element_id=draft.element_id,
            person_id=draft.person_id,
            summary_zh=draft.summary_zh[:300],
            summary_en=draft.summary_en[:300],
            evidence=[dict(row) for row in draft.evidence],
            act_by=act_by,
        )
        .on_conflict_do_nothing()
        .returning(alarm.c.id)
    ).scalar_one_or_none()
    if alarm_id is None:
        return None
    _tell(connection, facts, draft, int(alarm_id), now)
    return {
        "id": int(alarm_id),
        "kind": draft.kind,
        "colour": draft.colour,
        "rule": draft.rule,
        "element_id": draft.element_id,
        "summary_zh": draft.summary_zh,
        "summary_en": draft.summary_en,
    }


def _tell(connection: Connection, facts: CaseFacts, draft: AlarmDraft, alarm_id: int, now: datetime) -> None:
    """Rung 0 and 1 in the product; red goes up the ladder. An order's own lateness is escalated by its diagram."""
    if facts.kind == "order":
        return
    if draft.colour == "red":
        key, payload = f"start_order/{alarm_id}", {"alarm_id": alarm_id}
        add_to_outbox(connection, "start_order", key, payload, now, case_id=facts.case_id)
        return
    people = _handlers(connection, facts.case_id) if draft.kind == "overdue" else []
    if draft.colour == "yellow":
        people += holders_of(connection, "section", draft.department or facts.department)
    notify(
        connection,
        [Recipient(name, mobile, person_id) for person_id, name, mobile in dict.fromkeys(people)],
        case_id=facts.case_id,
        kind=f"alarm_{draft.colour}",
        text=f"{COLOUR_NAMES[draft.colour]}预警 {facts.number}：{draft.summary_zh}",
        now=now,
        sms=False,
    )


def _handlers(connection: Connection, case_id: int) -> list[tuple[int, str, str | None]]:
    """Whose the open tasks of the case are; of one that nobody has claimed, all who may."""
    tasks = connection.execute(_OPEN_TASKS, {"case_id": case_id}).all()
    return [
        one
        for task in tasks
        for one in holders_of(connection, task.post, task.department)
        if task.assignee in (None, one[0])
    ]


def _answer_order(connection: Connection, facts: CaseFacts, fact: HaltRuled, now: datetime) -> None:
    add_to_outbox(
        connection,
        "answer_order",
        f"answer_order/{fact.task_id}",
        {
            "case_id": facts.case_id,
            "ruling": fact.ruling,
            "reason": fact.reason,
            "person_id": fact.person_id,
            "person": fact.person_name,
            "ruled_at": now.isoformat(),
        },
        now,
        case_id=facts.case_id,
    )
