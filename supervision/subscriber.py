"""What supervision does inside the transaction of an act: raises alarms, tells people, moves orders on their ladder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.cases.happened import CaseFacts, HaltRuled, Happened, OrderMoved
from service.commands.order_alarms import join_standing_order
from service.database.tables import user_task
from service.notices.writing import add_to_outbox
from service.people.queries import holders_of
from service.reads.calendar import CalendarCache
from supervision.alarm_rules import AlarmDraft, alarms
from supervision.orders import ladder
from supervision.raising import NewAlarm, order_it, tell, write_alarm
from supervision.rules.registry import RULES

_OPEN_TASKS = select(user_task.c.post, user_task.c.department, user_task.c.assignee).where(
    user_task.c.case_id == bindparam("case_id"), user_task.c.status == "open"
)


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
    new = _new(facts, draft)
    alarm_id = write_alarm(connection, calendars, new, now)
    if alarm_id is None:
        return None
    _tell(connection, facts, new, alarm_id, now)
    return {
        "id": alarm_id,
        "kind": draft.kind,
        "colour": draft.colour,
        "rule": draft.rule,
        "element_id": draft.element_id,
        "summary_zh": draft.summary_zh,
        "summary_en": draft.summary_en,
    }


def _new(facts: CaseFacts, draft: AlarmDraft) -> NewAlarm:
    return NewAlarm(
        draft.kind,
        draft.rule,
        RULES[draft.rule].version if draft.rule in RULES else 1,
        draft.colour,
        draft.subject,
        f"case/{facts.case_id}",
        draft.department or facts.department,
        draft.summary_zh,
        draft.summary_en,
        draft.evidence,
        facts.case_id,
        draft.element_id,
        draft.person_id,
    )


def _tell(connection: Connection, facts: CaseFacts, new: NewAlarm, alarm_id: int, now: datetime) -> None:
    """Rung 0 and 1 in the product; red goes up the ladder. An order's own lateness is escalated by its diagram."""
    if facts.kind == "order":
        return
    if new.colour == "red":
        order_it(connection, alarm_id, facts.case_id, now)
        return
    if new.colour == "yellow" and new.kind != "overdue":
        join_standing_order(connection, alarm_id, facts.case_id, new.cause)
    people = _handlers(connection, facts.case_id) if new.kind == "overdue" else []
    if new.rule == "overdue.milestone" and new.colour == "yellow":
        people += holders_of(connection, "sup1", facts.department)
    tell(connection, new, people, facts.number, now)


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
