"""Writes notices within a transaction: what leaves the house waits in the outbox, what stays is there at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, bindparam, insert, select

from service.database.rows import write_rows
from service.database.tables import contact, notice, outbox

# Inline: no one asks for the ids, so PostgreSQL need not return them.
INSERT_NOTICES = insert(notice).inline()
_OUTBOX = insert(outbox).inline()
_CONTACTS = select(contact.c.person_id, contact.c.channel, contact.c.address).where(
    contact.c.person_id.in_(bindparam("people", expanding=True))
)
# By a channel's name; each has an outbox kind of the same name.
CHANNELS = ("sms", "mail", "push")


@dataclass(frozen=True, slots=True)
class Recipient:
    """`person_id` None is somebody outside the office: the applicant."""

    name: str
    mobile: str | None
    person_id: int | None = None


def notify(
    connection: Connection,
    recipients: Iterable[Recipient],
    *,
    case_id: int | None,
    kind: str,
    text: str,
    now: datetime,
    sms: bool,
) -> None:
    """Tell each of them, by SMS where asked and a number is known, else in the product.

    People of the county get it by mail and push as well, where they have left an address for it.
    """
    people = list(recipients)
    addresses = _addresses(connection, people)
    rows = [
        notice_row(one, channel, address, case_id=case_id, kind=kind, text=text, now=now)
        for one in people
        for channel, address in _ways(one, addresses, sms=sms)
    ]
    if rows:
        write_rows(connection, INSERT_NOTICES, rows)


def notice_row(
    one: Recipient, channel: str, address: str, *, case_id: int | None, kind: str, text: str, now: datetime
) -> dict[str, object]:
    """A row for INSERT_NOTICES; with it the message that leaves the house by the channel waits in the outbox."""
    leaves = channel in CHANNELS
    return {
        "recipient": one.person_id,
        "recipient_name": one.name,
        "case_id": case_id,
        "kind": kind,
        "text": text[:1000],
        "channel": channel,
        "address": address,
        "status": "waiting" if leaves else "delivered",
        "created_at": now,
        "sent_at": None if leaves else now,
        "message_key": f"{channel}/{uuid4().hex}" if leaves else None,
    }


def _addresses(connection: Connection, people: Iterable[Recipient]) -> Mapping[int, list[tuple[str, str]]]:
    """Channel and address of what they have left, by person."""
    ids = [one.person_id for one in people if one.person_id is not None]
    found: dict[int, list[tuple[str, str]]] = {}
    for row in connection.execute(_CONTACTS, {"people": ids}) if ids else ():
        found.setdefault(row.person_id, []).append((row.channel, row.address))
    return found


def _ways(one: Recipient, addresses: Mapping[int, list[tuple[str, str]]], *, sms: bool) -> list[tuple[str, str]]:
    if sms and one.mobile:
        first = [("sms", one.mobile)]
    else:
        first = [("in_app", "")] if one.person_id is not None else []
    return first + (addresses.get(one.person_id, []) if one.person_id is not None else [])


def add_to_outbox(
    connection: Connection,
    kind: str,
    key: str,
    payload: Mapping[str, object],
    now: datetime,
    *,
    case_id: int | None = None,
    lane: str | None = None,
    at: datetime | None = None,
) -> None:
    """One message for the workers, due at once or `at` an instant to come.

    Messages of one lane go to one address (service.notices.outbox).
    """
    row = {"kind": kind, "idempotency_key": key, "payload": dict(payload), "case_id": case_id, "lane": lane}
    write_rows(connection, _OUTBOX, [{**row, "created_at": now, "next_at": at or now, "attempts": 0, "state": 0}])
