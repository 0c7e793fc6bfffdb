"""What waits for the control centre, the most urgent first, and how many decisions it takes a person and day.

What level 1 has settled, and what is merged in an order that has not reached the centre, is not among it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select, union_all

from service.alarms.urgency import Ground, Matter, percentile, urgency
from service.database.tables import (
    alarm,
    case,
    order_alarm,
    order_extension,
    post_holding,
    supervision_order,
    user_task,
)
from service.working_time import WorkingCalendar

# As the issue asks of a centre of three people.
MOST_DECISIONS = 30
REPEATED_WITHIN = timedelta(days=30)
_RANK = {"red": 2, "yellow": 1}
_DEMANDS = (
    select(user_task.c.id, user_task.c.due_at, user_task.c.entered_at, case.c.number, supervision_order)
    .join(case, case.c.id == user_task.c.case_id)
    .join(supervision_order, supervision_order.c.case_id == case.c.id)
    .where(user_task.c.post == "centre", user_task.c.status == "open")
)
_EXTENSIONS = (
    select(order_extension.c.asked_at, order_extension.c.due_before, case.c.number, supervision_order)
    .join(case, case.c.id == order_extension.c.order_case_id)
    .join(supervision_order, supervision_order.c.case_id == case.c.id)
    .join(user_task, user_task.c.id == order_extension.c.task_id)
    .where(order_extension.c.status == "asked", order_extension.c.rung == "level2", user_task.c.status == "open")
)
# Of orders: what they have gathered.
_GATHERED = (
    select(order_alarm.c.order_case_id, alarm.c.colour, alarm.c.kind, alarm.c.evidence, alarm.c.person_id)
    .join(alarm, alarm.c.id == order_alarm.c.alarm_id)
    .where(order_alarm.c.order_case_id.in_(bindparam("ids", expanding=True)))
)
_IN_NO_ORDER = ~exists().where(order_alarm.c.alarm_id == alarm.c.id)
# An order that stands answers for the idleness on its own ladder, but for an answer that level 2 does not confirm.
_OF_STANDING_ORDER = exists().where(
    supervision_order.c.case_id == alarm.c.case_id, supervision_order.c.closed_at.is_(None)
)
# About level 2, which does not settle what concerns itself; and red ones that nobody has taken up in time.
_ALONE = (
    select(alarm)
    .where(alarm.c.status == "open", alarm.c.colour == "red", _IN_NO_ORDER)
    .where(or_(~_OF_STANDING_ORDER, alarm.c.rule == "supervision.confirm_idle"))
    .where(
        or_(
            and_(alarm.c.kind == "supervision", alarm.c.element_id.in_(("urge", "confirm"))),
            alarm.c.act_by < bindparam("now"),
        )
    )
    .order_by(alarm.c.id)
)
_REPEATED = (
    select(alarm.c.person_id, func.count().label("times"))
    .where(alarm.c.person_id.in_(bindparam("people", expanding=True)), alarm.c.raised_at >= bindparam("since"))
    .group_by(alarm.c.person_id)
)
_OF_CENTRE = select(post_holding.c.person_id).where(post_holding.c.post == "centre")
_DECISIONS = union_all(
    select(user_task.c.completed_by.label("person"), user_task.c.completed_at.label("at")).where(
        user_task.c.post == "centre", user_task.c.completed_at >= bindparam("begins")
    ),
    select(order_extension.c.decided_by, order_extension.c.decided_at).where(
        order_extension.c.rung == "level2", order_extension.c.decided_at >= bindparam("begins")
    ),
    select(alarm.c.result_by, alarm.c.result_at).where(
        alarm.c.result_by.in_(_OF_CENTRE), alarm.c.result_at >= bindparam("begins")
    ),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """`what` is demand (an order that has reached the centre), extension (asked by level 2) or alarm."""

    what: str
    order: str | None
    alarm_id: int | None
    department: str
    summary_zh: str
    summary_en: str
    raised_at: datetime
    due_at: datetime | None
    points: int
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """Decisions of a person and day, of those days on which there was one, since the first day."""

    since: date
    decisions: int
    median: int
    p95: int
    most: int


def centre_desk(connection: Connection, now: datetime) -> list[Waiting]:
    """All that waits, the most urgent first."""
    orders = [("demand", row, row.entered_at, row.due_at) for row in connection.execute(_DEMANDS)]
    orders += [("extension", row, row.asked_at, row.due_before) for row in connection.execute(_EXTENSIONS)]
    alone = connection.execute(_ALONE, {"now": now}).all()
    gathered: dict[int, list[Any]] = defaultdict(list)
    ids = sorted({row.case_id for _, row, _, _ in orders})
    for one in connection.execute(_GATHERED, {"ids": ids}) if ids else ():
        gathered[one.order_case_id].append(one)
    often = _repeated(connection, [*alone, *(one for many in gathered.values() for one in many)], now)
    found = [_of_order(what, row, gathered[row.case_id], often, at, due, now) for what, row, at, due in orders]
    found += [_of_alarm(row, often, now) for row in alone]
    return sorted(found, key=lambda one: (-one.points, one.raised_at, one.order or "", one.alarm_id or 0))


def _repeated(connection: Connection, alarms: list[Any], now: datetime) -> dict[int, int]:
    people = sorted({one.person_id for one in alarms} - {None})
    asked = {"people": people, "since": now - REPEATED_WITHIN}
    return {row.person_id: int(row.times) for row in connection.execute(_REPEATED, asked)} if people else {}


def _of_order(
    what: str, row: Any, alarms: list[Any], often: dict[int, int], at: datetime, due: datetime | None, now: datetime
) -> Waiting:
    matter = Matter(
        at,
        max((one.colour for one in alarms), key=lambda one: _RANK.get(one, 0), default=""),
        tuple(sorted({one.kind for one in alarms})),
        row.rung,
        sum(map(_money, alarms)),
        max((often.get(one.person_id, 0) for one in alarms), default=0),
        due,
    )
    weighed = urgency(matter, now)
    told = row.number, None, row.department, row.demand, row.demand
    return Waiting(what, *told, at, due, weighed.points, weighed.grounds)


def _of_alarm(row: Any, often: dict[int, int], now: datetime) -> Waiting:
    repeated = often.get(row.person_id, 0)
    weighed = urgency(Matter(row.raised_at, row.colour, (row.kind,), 0, _money(row), repeated, row.act_by), now)
    told = None, row.id, row.department, row.summary_zh, row.summary_en
    return Waiting("alarm", *told, row.raised_at, row.act_by, weighed.points, weighed.grounds)


def _money(row: Any) -> int:
    return sum(int(one["amount_fen"]) for one in row.evidence or () if one.get("amount_fen") is not None)


def centre_load(connection: Connection, calendar: WorkingCalendar, begins: datetime) -> Load:
    """How many decisions a person of the centre took on a day."""
    counts: Counter[tuple[int, date]] = Counter(_days(connection, calendar, begins))
    taken = list(counts.values())
    most = max(taken, default=0)
    return Load(calendar.local_date(begins), sum(taken), percentile(taken, 0.5), percentile(taken, 0.95), most)


def _days(connection: Connection, calendar: WorkingCalendar, begins: datetime) -> Iterator[tuple[int, date]]:
    for row in connection.execute(_DECISIONS, {"begins": begins}):
        if row.person is not None:
            yield row.person, calendar.local_date(row.at)
