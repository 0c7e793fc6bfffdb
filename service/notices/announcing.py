"""Events of cases for other systems: one outbox row in the act's transaction, and from it one message a receiver.

What is announced says that something happened to a case, never to whom: receivers ask the interface for the rest.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select

from service.database.session import reading
from service.database.tables import case, event, webhook_receiver
from service.gateways.event_broker import EventBroker, Published
from service.gateways.webhook_client import Delivery, WebhookClient, receiver_key
from service.notices.outbox import OutsideSender, Payload
from service.notices.writing import add_to_outbox
from service.settings import Settings

KINDS = frozenset(
    "case_started case_accepted acceptance_deemed task_completed case_halted halt_ruled halt_lifted case_closed "
    "clock_stopped clock_resumed limit_reached limit_moved alarm_raised decision_published document_made "
    "payment_notice_made payment_received payment_reversed message_received objection_received".split()
)
# A new receiver is told of everything from then on: every process has asked anew by that time.
HEARD_AFTER = timedelta(seconds=10)
_ASK_AGAIN_SECONDS = 5.0

_RECEIVERS = select(webhook_receiver).where(webhook_receiver.c.ended_at.is_(None))
_ANY = select(webhook_receiver.c.id).where(webhook_receiver.c.ended_at.is_(None)).limit(1)
_ONE = select(webhook_receiver.c.url, webhook_receiver.c.ended_at).where(webhook_receiver.c.id == bindparam("id"))
_EVENTS = (
    select(event.c.seq, event.c.kind)
    .where(event.c.case_id == bindparam("case_id"), event.c.seq.between(bindparam("first"), bindparam("last")))
    .order_by(event.c.seq)
)
_EVENT = (
    select(event.c.seq, event.c.kind, event.c.at, event.c.element_id, case.c.number, case.c.power_item)
    .add_columns(case.c.department, case.c.kind.label("case_kind"))
    .join(case, case.c.id == event.c.case_id)
    .where(event.c.case_id == bindparam("case_id"), event.c.seq == bindparam("seq"))
)


@dataclass
class Audience:
    """Whether anybody wants to hear of events, known without asking in every act. One per process."""

    _listens: bool | None = None
    _asked: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def listens(self, connection: Connection) -> bool:
        """What was last found; asks only when nobody has yet."""
        if self._listens is None:
            self.ask(connection)
        return bool(self._listens)

    def refresh(self, engine: Engine) -> None:
        """For shells, beside their acts: ask again when some seconds have passed."""
        if time.monotonic() - self._asked < _ASK_AGAIN_SECONDS or not self._lock.acquire(blocking=False):
            return
        try:
            with reading(engine) as connection:
                self.ask(connection)
        finally:
            self._lock.release()

    def ask(self, connection: Connection) -> None:
        self._listens = connection.execute(_ANY).first() is not None
        self._asked = time.monotonic()


def announcer(settings: Settings) -> Callable[[Connection, Any, Payload, datetime], None]:
    """Outbox kind `announcement`, payload {"first", "last"}, of a case's events: one message a receiver and event."""

    def announce(connection: Connection, _services: Any, payload: Payload, now: datetime) -> None:
        events = connection.execute(_EVENTS, payload).all()
        receivers = connection.execute(_RECEIVERS).all()
        for one in events:
            if one.kind not in KINDS:
                continue
            for receiver in receivers:
                if not receiver.kinds or one.kind in receiver.kinds:
                    lane = f"webhook/{receiver.id}"
                    _hand_on(connection, "webhook", lane, payload, one.seq, now, receiver_id=receiver.id)
            if settings.events_url:
                _hand_on(connection, "broker_event", None, payload, one.seq, now)

    return announce


def _hand_on(
    connection: Connection, kind: str, lane: str | None, payload: Payload, seq: int, now: datetime, **more: object
) -> None:
    case_id = int(payload["case_id"])
    key = f"{lane or kind}/{case_id}/{seq}"
    add_to_outbox(connection, kind, key, {"case_id": case_id, "seq": seq, **more}, now, case_id=case_id, lane=lane)


def _told(row: Row[Any], key: str) -> Mapping[str, Any]:
    """What receivers are told of an event."""
    return {
        "id": key,
        "event": row.kind,
        "at": row.at.isoformat(),
        "case": {
            "number": row.number,
            "kind": row.case_kind,
            "power_item": row.power_item,
            "department": row.department,
        },
        "seq": row.seq,
        "element_id": row.element_id,
    }


@dataclass(frozen=True)
class WebhookSender(OutsideSender):
    """Outbox kind `webhook`, payload {"receiver_id", "case_id", "seq"}; one that has ended gets none."""

    client: WebhookClient
    secret: bytes

    def prepare(self, connection: Connection, payload: Payload, key: str) -> Delivery | None:
        receiver = connection.execute(_ONE, {"id": payload["receiver_id"]}).one()
        if receiver.ended_at is not None:
            return None
        row = connection.execute(_EVENT, {"case_id": payload["case_id"], "seq": payload["seq"]}).one()
        body = json.dumps(_told(row, key), ensure_ascii=False, separators=(",", ":")).encode()
        return Delivery(receiver.url, body, receiver_key(self.secret, payload["receiver_id"]), key)

    def send(self, request: Delivery) -> str:
        return self.client.send(request)

    def record(self, connection: Connection, payload: Payload, receipt: str, now: datetime) -> None:
        """The receipt with the message is all."""


@dataclass(frozen=True)
class BrokerSender(OutsideSender):
    """Outbox kind `broker_event`, payload {"case_id", "seq"}."""

    client: EventBroker

    def prepare(self, connection: Connection, payload: Payload, key: str) -> Published:
        row = connection.execute(_EVENT, {"case_id": payload["case_id"], "seq": payload["seq"]}).one()
        return Published(row.kind, _told(row, key), key)

    def send(self, request: Published) -> str:
        return self.client.send(request)

    def record(self, connection: Connection, payload: Payload, receipt: str, now: datetime) -> None:
        """The receipt with the message is all."""
