"""Receivers of webhooks and people's own addresses, as they are shown; keys never are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from service.database.tables import contact, outbox, person, webhook_receiver

_COUNTS = (
    select(outbox.c.lane, outbox.c.state, func.count().label("messages"))
    .where(outbox.c.lane.is_not(None), outbox.c.state.in_((0, 2)))
    .group_by(outbox.c.lane, outbox.c.state)
)
_LIST = (
    select(webhook_receiver, person.c.name.label("added_by_name"))
    .join(person, person.c.id == webhook_receiver.c.added_by)
    .order_by(webhook_receiver.c.id)
)
_CONTACTS = (
    select(contact.c.channel, contact.c.address, contact.c.changed_at)
    .where(contact.c.person_id == bindparam("person_id"))
    .order_by(contact.c.channel)
)


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """`waiting` and `dead` are how many messages have not reached it."""

    id: int
    name: str
    url: str
    kinds: list[str]
    reason: str
    added_at: datetime
    added_by: str
    ended_at: datetime | None
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class ContactView:
    channel: str
    address: str
    changed_at: datetime


def list_receivers(connection: Connection) -> list[ReceiverView]:
    """All there are and ever were, in order."""
    counts = {(row.lane, row.state): row.messages for row in connection.execute(_COUNTS)}
    return [
        ReceiverView(
            row.id,
            row.name,
            row.url,
            list(row.kinds),
            row.reason,
            row.added_at,
            row.added_by_name,
            row.ended_at,
            counts.get((f"webhook/{row.id}", 0), 0),
            counts.get((f"webhook/{row.id}", 2), 0),
        )
        for row in connection.execute(_LIST)
    ]


def contacts_of(connection: Connection, person_id: int) -> list[ContactView]:
    return [ContactView(*row) for row in connection.execute(_CONTACTS, {"person_id": person_id})]
