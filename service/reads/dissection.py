"""Overdue cases taken apart, as they are read: their steps, stops, and who was there; constant statements for many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, func, or_, select

from service.database.tables import alarm, case, clock_stop, event, leave, post_holding, signing_in, user_task
from service.people.actor import Actor
from service.people.dissection import Dissection, InHand, OverdueCase, Presence, Stopped, dissect
from service.reads.attendance import Span
from service.reads.visibility import departments_of_alarms, visible
from service.working_time import WorkingCalendar

MOST_CASES = 500
_CASES = (
    select(
        case.c.id,
        case.c.number,
        case.c.department,
        case.c.power_item,
        case.c.created_at,
        case.c.closed_at,
        case.c.due_at,
    )
    .where(
        case.c.id.in_(
            select(alarm.c.case_id).where(
                alarm.c.kind == "overdue",
                alarm.c.colour == "red",
                alarm.c.raised_at >= bindparam("begins"),
                alarm.c.raised_at < bindparam("ends"),
            )
        )
    )
    .order_by(case.c.id.desc())
    .limit(MOST_CASES)
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_STEPS = select(
    user_task.c.case_id,
    user_task.c.department,
    user_task.c.post,
    user_task.c.assignee,
    user_task.c.completed_by,
    user_task.c.status,
    user_task.c.entered_at,
    user_task.c.completed_at,
).where(user_task.c.case_id.in_(_IDS), or_(user_task.c.completed_at.is_not(None), user_task.c.status == "open"))
_STOPS = select(clock_stop.c.case_id, clock_stop.c.started_at, clock_stop.c.ended_at).where(
    clock_stop.c.case_id.in_(_IDS)
)
_HOLDERS = select(
    post_holding.c.person_id,
    post_holding.c.department,
    post_holding.c.post,
    post_holding.c.granted_at,
    post_holding.c.ended_at,
)
_SIGNED_IN = select(signing_in.c.person_id, signing_in.c.at).where(
    signing_in.c.at >= bindparam("begins"), signing_in.c.at <= bindparam("ends")
)
# Whoever completes a step anywhere is there, signed in by a page or not.
_ACTED = select(event.c.actor, event.c.at).where(
    event.c.kind == "task_completed",
    event.c.at >= bindparam("begins"),
    event.c.at <= bindparam("ends"),
    event.c.actor.is_not(None),
)
_LEAVE_ENDS = func.coalesce(leave.c.ended_at, leave.c.ends_at)
_AWAY = select(leave.c.person_id, leave.c.starts_at, _LEAVE_ENDS.label("ends_at")).where(
    leave.c.starts_at <= bindparam("ends"), _LEAVE_ENDS >= bindparam("begins")
)


@dataclass(frozen=True, slots=True)
class _Holding:
    person_id: int
    granted_at: datetime
    ended_at: datetime | None


def dissect_overdue(
    connection: Connection,
    calendar: WorkingCalendar,
    actor: Actor,
    span: Span,
    now: datetime,
    department: str | None = None,
) -> list[Dissection]:
    """The cases that became overdue on these days, of the departments whose alarms this person reads; newest first."""
    bound = {
        "begins": datetime.combine(span.first, time(), calendar.zone),
        "ends": datetime.combine(span.last + timedelta(days=1), time(), calendar.zone),
    }
    asked = _CASES.where(visible(departments_of_alarms(actor), case.c.department))
    if department is not None:
        asked = asked.where(case.c.department == department)
    rows = connection.execute(asked, bound).all()
    if not rows:
        return []
    ids = {"ids": [row.id for row in rows]}
    in_hand = _in_hand(connection, ids, now)
    stops: dict[int, list[Stopped]] = defaultdict(list)
    for row in connection.execute(_STOPS, ids):
        stops[row.case_id].append(Stopped(row.started_at, row.ended_at or now))
    presence = _presence(connection, calendar, min(row.created_at for row in rows), now)
    return [dissect(_case(row, in_hand[row.id], stops[row.id], now), presence, calendar) for row in rows]


def _case(row: Any, in_hand: Sequence[InHand], stops: Sequence[Stopped], now: datetime) -> OverdueCase:
    return OverdueCase(
        row.number,
        row.department,
        row.power_item,
        row.created_at,
        row.closed_at or now,
        row.due_at,
        tuple(in_hand),
        tuple(stops),
    )


def _in_hand(connection: Connection, ids: dict[str, list[int]], now: datetime) -> dict[int, list[InHand]]:
    holders: dict[tuple[str, str], list[_Holding]] = defaultdict(list)
    for row in connection.execute(_HOLDERS):
        holders[row.department, row.post].append(_Holding(row.person_id, row.granted_at, row.ended_at))
    found: dict[int, list[InHand]] = defaultdict(list)
    steps: Any = connection.execute(_STEPS, ids)
    for row in steps:
        ends = row.completed_at or now
        had = row.completed_by or row.assignee
        people = (had,) if had is not None else _posted(holders[row.department, row.post], row.entered_at, ends)
        found[row.case_id].append(InHand(row.post, tuple(people), row.entered_at, ends))
    return found


def _posted(holders: Iterable[_Holding], begins: datetime, ends: datetime) -> list[int]:
    return sorted(
        {one.person_id for one in holders if one.granted_at < ends and (one.ended_at is None or one.ended_at > begins)}
    )


def _presence(connection: Connection, calendar: WorkingCalendar, begins: datetime, now: datetime) -> Presence:
    bound = {"begins": begins, "ends": now}
    online = {(row.person_id, calendar.local_date(row.at)) for row in connection.execute(_SIGNED_IN, bound)}
    online |= {(row.actor, calendar.local_date(row.at)) for row in connection.execute(_ACTED, bound)}
    away: set[tuple[int, date]] = set()
    for row in connection.execute(_AWAY, bound):
        # The first instant after it is on none of its days.
        last = calendar.local_date(min(row.ends_at, now) - timedelta(microseconds=1))
        day = calendar.local_date(max(row.starts_at, begins))
        while day <= last:
            away.add((row.person_id, day))
            day += timedelta(days=1)
    return Presence(online, away)
