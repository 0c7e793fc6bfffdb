"""The numbers beside the navigation: what waits for this person. Counts, each by an index."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from service.database.tables import alarm, case, notice, supervision_order, user_task
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.incidents import count_open_incidents
from service.reads.visibility import departments_of_alarms, visible


@dataclass(frozen=True, slots=True)
class Badges:
    """`red_alarms` are those that nobody has acted on; `orders` those that are not closed."""

    tasks: int
    red_alarms: int
    orders: int
    unread: int
    incidents: int = 0


def read_badges(connection: Connection, actor: Actor) -> Badges:
    """What waits for this person, as far as they may see it."""
    departments = departments_of_alarms(actor)
    supervises = departments is None or bool(departments)
    return Badges(
        tasks=_count(connection, _mine(actor)),
        red_alarms=_count(connection, _red(departments)) if supervises else 0,
        orders=_count(connection, _orders(departments)) if supervises else 0,
        unread=_count(connection, _unread(actor)),
        incidents=count_open_incidents(connection) if may(actor, "settle_incidents") else 0,
    )


def _count(connection: Connection, statement: Select[int]) -> int:
    return int(connection.execute(statement).scalar_one())


def _mine(actor: Actor) -> Select[int]:
    return (
        select(func.count())
        .select_from(user_task)
        .where(user_task.c.assignee == actor.person_id, user_task.c.status == "open")
    )


def _red(departments: frozenset[str] | None) -> Select[int]:
    return (
        select(func.count())
        .select_from(alarm)
        .where(visible(departments, alarm.c.department), alarm.c.status == "open", alarm.c.colour == "red")
    )


def _orders(departments: frozenset[str] | None) -> Select[int]:
    return (
        select(func.count())
        .select_from(supervision_order)
        .join(case, case.c.id == supervision_order.c.case_id)
        .where(visible(departments, supervision_order.c.department), supervision_order.c.status != "closed")
    )


def _unread(actor: Actor) -> Select[int]:
    return (
        select(func.count())
        .select_from(notice)
        .where(
            notice.c.recipient == actor.person_id,
            notice.c.channel == "in_app",
            notice.c.receipt_at.is_(None),
        )
    )
