"""What a pass sees of the public's voice and of supervision itself: ratings, complaints, orders and their answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from service.commands.services import Services
from service.database.in_text import among, in_text
from service.database.rows import read_rows
from service.database.tables import (
    alarm,
    attachment,
    case,
    feedback,
    notice,
    order_alarm,
    person,
    supervision_order,
    user_task,
)
from supervision.collecting_alarms import Alarms
from supervision.collecting_papers import OF_CASE, OVERLAP, case_ref
from supervision.facts import CaseRef, OrderSeen, Place, Voice
from supervision.lapsing import STEP_OPEN

VOICES_OF = timedelta(days=60)
FOUNDED_OF = timedelta(days=2)
ORDERS_OF = timedelta(days=30)
# Operations of the ladder that tell level 1 of an order.
TOLD = ("order_level1", "order_urged")
ANSWERS = ("answer", "handler_answer")
# Rules about the limits of a whole case, which its decision ends.
CASE_LIMITS = ("overdue.promised_limit", "overdue.statutory_limit")
_VOICES = (
    select(feedback, *OF_CASE[:1], *OF_CASE[2:])
    .outerjoin(case, case.c.id == feedback.c.case_id)
    .where(
        or_(
            and_(feedback.c.answered_at.is_(None), feedback.c.given_at >= bindparam("given_since")),
            feedback.c.answered_at >= bindparam("answered_since"),
        )
    )
    .order_by(feedback.c.given_at, feedback.c.id)
)
_FILES = (
    select(func.count())
    .where(attachment.c.case_id == supervision_order.c.case_id, attachment.c.removed_at.is_(None))
    .correlate(supervision_order)
    .scalar_subquery()
)
_STANDING = or_(supervision_order.c.closed_at.is_(None), supervision_order.c.closed_at >= bindparam("since"))
_OF_ORDER = ("case_id", "opened_at", "answered_at", "closed_at", "source", "about_case_id")
_ORDERS = (
    select(*(supervision_order.c[name] for name in _OF_ORDER), *OF_CASE, _FILES.label("files"))
    .join(case, case.c.id == supervision_order.c.case_id)
    .where(_STANDING)
    .order_by(supervision_order.c.case_id)
)
_IDS = select(supervision_order.c.case_id).where(_STANDING)
_TOLD = (
    select(
        notice.c.case_id,
        func.min(notice.c.created_at).label("told_at"),
        func.min(notice.c.opened_at).label("seen_at"),
    )
    .where(notice.c.case_id.in_(_IDS), among(notice.c.kind, TOLD))
    .group_by(notice.c.case_id)
)
# To sign for an order is to have seen it, by whatever way.
_SIGNED = (
    select(user_task.c.case_id, func.min(user_task.c.completed_at).label("at"))
    .where(user_task.c.case_id.in_(_IDS), user_task.c.status == in_text("completed"))
    .group_by(user_task.c.case_id)
)
_ANSWERS = (
    select(user_task.c.case_id, user_task.c.completed_by, user_task.c.answers, person.c.name)
    .join(person, person.c.id == user_task.c.completed_by)
    .where(user_task.c.case_id.in_(_IDS), among(user_task.c.element_id, ANSWERS))
    .where(user_task.c.status == in_text("completed"))
    .order_by(user_task.c.completed_at)
)
# Cases past a limit of their own, the promised one or the law's, that are not decided yet.
_UNDECIDED = exists().where(
    case.c.id == alarm.c.case_id,
    among(alarm.c.rule, CASE_LIMITS),
    case.c.decided_on.is_(None),
    case.c.closed_at.is_(None),
)
# What an answered order is about and what goes on: an overdue step that is open still, or such a case.
_GOING_ON = (
    select(order_alarm.c.order_case_id)
    .join(alarm, alarm.c.id == order_alarm.c.alarm_id)
    .where(order_alarm.c.order_case_id.in_(_IDS), alarm.c.kind == in_text("overdue"))
    .where(or_(STEP_OPEN, _UNDECIDED))
)
# What the alarms are about of orders that were answered.
_ABOUT = (
    select(order_alarm.c.order_case_id, supervision_order.c.answered_at)
    .add_columns(alarm.c.rule, alarm.c.department, alarm.c.person_id, alarm.c.case_id, alarm.c.element_id)
    .join(alarm, alarm.c.id == order_alarm.c.alarm_id)
    .join(supervision_order, supervision_order.c.case_id == order_alarm.c.order_case_id)
    .where(order_alarm.c.order_case_id.in_(_IDS), supervision_order.c.answered_at.is_not(None))
)


def voices(connection: Connection, services: Services, now: datetime) -> tuple[Voice, ...]:
    """What the public has said within two months and nobody has answered, and what was answered of late."""
    bound = {"given_since": now - VOICES_OF, "answered_since": now - FOUNDED_OF}
    return tuple(_voice(connection, services, row) for row in read_rows(connection, _VOICES, bound))


def _voice(connection: Connection, services: Services, row: Row[Any]) -> Voice:
    known: CaseRef | None = case_ref(connection, services, row) if row.case_id is not None else None
    return Voice(
        row.id,
        row.kind,
        known.place if known is not None else Place(row.department),
        row.given_at,
        row.text,
        known,
        row.stars,
        row.answered_at,
        row.founded,
    )


class _Closed(NamedTuple):
    """An order that is closed and whose matter is mended, and what its alarms are about."""

    at: datetime
    order: OrderSeen
    about: tuple[Row[Any], ...]


class Orders:
    """From the looks before: an order that is closed and mended is read again when everything is, and not before."""

    def __init__(self) -> None:
        self._closed: dict[int, _Closed] = {}
        # What was closed before is known.
        self._known_until: datetime | None = None

    def seen(self, connection: Connection, services: Services, now: datetime, alarms: Alarms) -> tuple[OrderSeen, ...]:
        """Orders that stand, or were closed within a month: what an answer has changed shows after it was accepted."""
        oldest = now - ORDERS_OF
        bound = {"since": max(oldest, self._known_until or oldest)}
        rows = {row.case_id: row for row in read_rows(connection, _ORDERS, bound)}
        kept = {key: one for key, one in self._closed.items() if one.at >= oldest and key not in rows}
        if not rows and not kept:
            return ()
        about: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in read_rows(connection, _ABOUT, bound) if rows else ():
            about[row.order_case_id].append(row)
        alarms.go_on(connection, now)
        again = alarms.after([row for one in (*about.values(), *(one.about for one in kept.values())) for row in one])
        found = {key: replace(one.order, again=tuple(again.get(key, ()))) for key, one in kept.items()}
        found |= _read(connection, services, rows, bound, again) if rows else {}
        self._closed = kept | {
            key: _Closed(row.closed_at, found[key], tuple(about[key]))
            for key, row in rows.items()
            if row.closed_at is not None and found[key].mended
        }
        going_on = (row.closed_at for key, row in rows.items() if row.closed_at is not None and not found[key].mended)
        self._known_until = min((now - OVERLAP, *going_on))
        return tuple(found[key] for key in sorted(found))


def _read(
    connection: Connection,
    services: Services,
    rows: Mapping[int, Row[Any]],
    bound: Mapping[str, datetime],
    again: Mapping[int, list[Mapping[str, Any]]],
) -> dict[int, OrderSeen]:
    told = {row.case_id: row for row in read_rows(connection, _TOLD, bound)}
    signed = {row.case_id: row.at for row in read_rows(connection, _SIGNED, bound)}
    answers = {row.case_id: row for row in read_rows(connection, _ANSWERS, bound)}
    going_on = {row.order_case_id for row in read_rows(connection, _GOING_ON, bound)}
    return {
        key: _order(
            case_ref(connection, services, row),
            row,
            told.get(key),
            signed.get(key),
            answers.get(key),
            key in going_on,
            again.get(key, []),
        )
        for key, row in rows.items()
    }


def _order(
    known: CaseRef,
    row: Row[Any],
    told: Any,
    signed_at: datetime | None,
    answer: Any,
    goes_on: bool,
    again: list[Mapping[str, Any]],
) -> OrderSeen:
    answered = row.answered_at is not None and answer is not None
    given = answer.answers or {} if answer is not None else {}
    return OrderSeen(
        known,
        row.opened_at,
        None,
        told.told_at if told is not None else None,
        (told.seen_at if told is not None else None) or signed_at,
        row.answered_at,
        answer.completed_by if answered and answer is not None else None,
        answer.name if answered and answer is not None else "",
        str(given.get("evidence") or ""),
        int(row.files),
        not goes_on,
        tuple(again),
        row.source,
        row.about_case_id is not None,
    )
