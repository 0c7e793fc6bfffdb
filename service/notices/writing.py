"""Writes notices within a transaction: an SMS gets an outbox row as well, a notice in the product is there at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from service.database.tables import notice, outbox

_INSERT = insert(notice).returning(notice.c.id)
_OUTBOX = insert(outbox)


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
    case_id: int,
    kind: str,
    text: str,
    now: datetime,
    sms: bool,
) -> list[int]:
    """Tell each of them, by SMS where asked and a number is known, else in the product; the notices' ids."""
    ids = []
    for one in recipients:
        by_sms = sms and bool(one.mobile)
        if not by_sms and one.person_id is None:
            continue
        notice_id = connection.execute(
            _INSERT,
            {
                "case_id": case_id,
                "recipient": one.person_id,
                "recipient_name": one.name,
                "address": (one.mobile or "") if by_sms else "",
                "channel": "sms" if by_sms else "in_app",
                "kind": kind,
                "text": text[:1000],
                "status": "waiting" if by_sms else "delivered",
                "created_at": now,
                "sent_at": None if by_sms else now,
            },
        ).scalar_one()
        ids.append(int(notice_id))
        if by_sms:
            add_to_outbox(connection, "sms", f"sms/{notice_id}", {"notice_id": int(notice_id)}, now)
    return ids


def add_to_outbox(connection: Connection, kind: str, key: str, payload: dict[str, object], now: datetime) -> None:
    """One message for the workers, due at once."""
    connection.execute(
        _OUTBOX,
        {
            "kind": kind,
            "idempotency_key": key,
            "payload": payload,
            "created_at": now,
            "next_at": now,
            "attempts": 0,
            "state": 0,
        },
    )
