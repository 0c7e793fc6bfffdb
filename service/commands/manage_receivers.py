"""Receivers of webhooks: a system administrator names them, with a reason; none is ever forgotten, only ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from service.commands.services import Services
from service.database.tables import contact, webhook_receiver
from service.errors import Detail, Refused, not_found
from service.gateways.webhook_client import Guard, allowed_kinds
from service.notices.announcing import KINDS
from service.people.actor import Actor
from service.people.permissions import may

MOST_RECEIVERS = 50


@dataclass(frozen=True, slots=True)
class AddReceiver:
    """`kinds` of events; none is all that are announced."""

    name: str
    url: str
    kinds: tuple[str, ...]
    reason: str


def add_receiver(
    connection: Connection, services: Services, actor: Actor, command: AddReceiver, guard: Guard, now: datetime
) -> int:
    """Its id. Raises Refused: not_permitted, invalid_request for an address or a kind that may not be."""
    _require_administrator(actor)
    try:
        guard.check(command.url)
    except ValueError as problem:
        raise _wrong("/url", "地址须为公网 https 地址，或设置中列明的网段", str(problem)) from None
    try:
        kinds = allowed_kinds(command.kinds, KINDS)
    except ValueError as problem:
        raise _wrong("/kinds", "没有这类事件", str(problem)) from None
    standing = select(webhook_receiver.c.id).where(webhook_receiver.c.ended_at.is_(None))
    if len(connection.execute(standing).all()) >= MOST_RECEIVERS:
        raise _wrong("/name", "接收方过多", f"Expected at most {MOST_RECEIVERS} receivers")
    values = {"name": command.name, "url": command.url, "kinds": kinds, "reason": command.reason}
    row = {**values, "added_at": now, "added_by": actor.person_id}
    receiver_id = connection.execute(insert(webhook_receiver).returning(webhook_receiver.c.id), row).scalar_one()
    services.audience.ask(connection)
    return int(receiver_id)


def end_receiver(connection: Connection, actor: Actor, receiver_id: int, now: datetime) -> None:
    """Nothing more is sent there, not even what waits. Raises Refused: not_permitted, not_found."""
    _require_administrator(actor)
    of_receiver = (webhook_receiver.c.id == receiver_id) & webhook_receiver.c.ended_at.is_(None)
    change = update(webhook_receiver).where(of_receiver).values(ended_at=now, ended_by=actor.person_id)
    if connection.execute(change).rowcount != 1:
        raise not_found("该接收方", f"receiver {receiver_id}")


def _require_administrator(actor: Actor) -> None:
    if not may(actor, "manage_receivers"):
        raise Refused("not_permitted", "只有系统管理员可以登记接收方", "Expected a system administrator")


def _wrong(pointer: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("invalid", zh, en, pointer=pointer)])


def set_contact(connection: Connection, actor: Actor, channel: str, address: str | None, now: datetime) -> None:
    """Where a person's own notices go beside the product; None takes the address back."""
    mine = (contact.c.person_id == actor.person_id) & (contact.c.channel == channel)
    if address is None:
        connection.execute(contact.delete().where(mine))
    elif connection.execute(update(contact).where(mine).values(address=address, changed_at=now)).rowcount == 0:
        row = {"person_id": actor.person_id, "channel": channel, "address": address, "changed_at": now}
        connection.execute(insert(contact), row)
