"""Somebody opens a notice in the product: when, is the receipt that the ladder of an order shows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from service.database.tables import case, notice
from service.errors import not_found
from service.people.actor import Actor


def open_notice(connection: Connection, actor: Actor, notice_id: int, now: datetime) -> tuple[str | None, str | None]:
    """Note the first opening of one's own notice; (number, kind) of the case it is about. Raises Refused not_found."""
    row = connection.execute(
        select(notice.c.id, notice.c.channel, case.c.number, case.c.kind)
        .outerjoin(case, case.c.id == notice.c.case_id)
        .where(notice.c.id == notice_id, notice.c.recipient == actor.person_id)
    ).one_or_none()
    if row is None:
        raise not_found("该通知", f"notice {notice_id}")
    connection.execute(
        update(notice)
        .where(notice.c.id == notice_id, notice.c.channel == "in_app", notice.c.receipt_at.is_(None))
        .values(receipt_at=now, status="read")
    )
    return row.number, row.kind


def open_all_notices(connection: Connection, actor: Actor, now: datetime) -> int:
    """Note that this person has seen everything; how many notices were new."""
    done = connection.execute(
        update(notice)
        .where(notice.c.recipient == actor.person_id, notice.c.channel == "in_app", notice.c.receipt_at.is_(None))
        .values(receipt_at=now, status="read")
    )
    return int(done.rowcount)
