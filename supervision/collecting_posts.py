"""What a pass sees of posts: who holds which today, and what is or was lent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, exists, select

from service.database.rows import read_rows
from service.database.tables import delegation, person, post_holding
from supervision.facts import Held, Loan

KEEP_LOANS = timedelta(days=730)
_LENDER, _TAKER = person.alias("lender"), person.alias("taker")
_HELD = (
    select(post_holding, person.c.name)
    .join(person, person.c.id == post_holding.c.person_id)
    .where(post_holding.c.ended_at.is_(None), person.c.active.is_(True))
    .order_by(post_holding.c.id)
)
_GRANTED = select(exists().where(post_holding.c.granted_at >= bindparam("since")).label("granted"))
_LOANS = (
    select(delegation, _LENDER.c.name.label("principal_name"), _TAKER.c.name.label("delegate_name"))
    .join(_LENDER, _LENDER.c.id == delegation.c.principal_id)
    .join(_TAKER, _TAKER.c.id == delegation.c.delegate_id)
    .where(delegation.c.task_id.is_(None), delegation.c.revoked_at.is_(None))
    .where(delegation.c.ends_at >= bindparam("since"))
    .order_by(delegation.c.id)
)


def granted_since(connection: Connection, since: datetime) -> bool:
    """Whether somebody was given a post since then."""
    return bool(read_rows(connection, _GRANTED, {"since": since})[0].granted)


def held(connection: Connection) -> tuple[Held, ...]:
    """Posts that people hold today."""
    return tuple(
        Held(row.id, row.person_id, row.name, row.department, row.post, row.granted_at)
        for row in read_rows(connection, _HELD)
    )


def loans(connection: Connection, now: datetime) -> tuple[Loan, ...]:
    """Posts that are lent, or were within two years."""
    return tuple(
        Loan(
            row.id,
            row.principal_id,
            row.principal_name,
            row.delegate_id,
            row.delegate_name,
            row.department,
            row.post,
            row.starts_at,
            row.ends_at,
        )
        for row in read_rows(connection, _LOANS, {"since": now - KEEP_LOANS})
    )
