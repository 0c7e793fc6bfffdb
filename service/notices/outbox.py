"""The outbox: what an act has to tell others, done after its transaction, at least once, by its idempotency key.

A message for our own database is done in one transaction with its mark. One that leaves the house is claimed, sent with
no transaction open, and recorded: whoever dies in between leaves a claim that runs out, and the message is sent again.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, bindparam, func, select, update
from sqlalchemy.engine import Row

from service.database.session import reading, transaction
from service.database.tables import outbox
from service.gateways.transport import GatewayError
from service.log import log

Services = TypeVar("Services")
Payload = dict[str, Any]
Recorder = Callable[[Connection, Services, Payload, datetime], None]

# Pauses after the first, second, ... attempt; the last one repeats. Some five hours in all.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)
MOST_ATTEMPTS = 8
# Longer than any exchange with a gateway lasts (service.gateways.transport); then somebody else may try.
CLAIM = timedelta(seconds=60)
WAITING, SENT, DEAD = 0, 1, 2
# Nobody answers there: the next message of the kind would only wait as long again.
_NOBODY_THERE = frozenset({"unreachable", "timed_out"})

_DUE = (
    select(outbox.c.id, outbox.c.kind)
    .where(
        outbox.c.state == WAITING,
        outbox.c.next_at <= bindparam("now"),
        outbox.c.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(outbox.c.next_at, outbox.c.id)
    .limit(bindparam("limit"))
)
_CLAIMABLE = (
    select(outbox)
    .where(outbox.c.id == bindparam("id"), outbox.c.state == WAITING, outbox.c.next_at <= bindparam("now"))
    .with_for_update(skip_locked=True)
)
_NEXT = select(func.min(outbox.c.next_at)).where(
    outbox.c.state == WAITING,
    outbox.c.next_at > bindparam("after"),
    outbox.c.kind.in_(bindparam("kinds", expanding=True)),
)
_WRITE = update(outbox).where(outbox.c.id == bindparam("b_id"), outbox.c.state == WAITING)


class OutsideSender(ABC):
    """Sends one kind of message to somebody outside. All three steps may happen again for the same message."""

    @abstractmethod
    def prepare(self, connection: Connection, payload: Payload, key: str) -> Any | None:
        """What `send` needs, from the database; None if there is nothing left to do."""

    @abstractmethod
    def send(self, request: Any) -> Any:
        """The exchange itself, without a database; its receipt. GatewayError says whether to try again."""

    @abstractmethod
    def record(self, connection: Connection, payload: Payload, receipt: Any, now: datetime) -> None:
        """Write down what came of it."""

    def give_up(self, connection: Connection, payload: Payload) -> None:  # noqa: B027 - most have nothing to do
        """The message is dead: the last attempt has failed, or there is no sense in another."""


Sender = Recorder[Services] | OutsideSender
Senders = Mapping[str, Sender[Services]]


def always() -> bool:
    return True


def drain(
    engine: Engine,
    services: Services,
    senders: Senders[Services],
    now: datetime,
    *,
    limit: int = 100,
    go_on: Callable[[], bool] = always,
) -> int:
    """Do every message that is due, in order, each by the sender of its kind, until none is left; how many went well.

    `limit` is how many are looked up at once. Kinds without a sender wait, and no attempt counts. Safe beside other
    workers. Ends early when `go_on` says so.
    """
    sent, resting = 0, set[str]()
    while rows := _due(engine, senders.keys() - resting, now, limit):
        tried = 0
        for row in rows:
            if not go_on():
                return sent
            if row.kind in resting:
                continue
            done = _do(engine, services, senders[row.kind], row.id, now)
            tried += done is not None
            sent += done == ""
            if done in _NOBODY_THERE:
                resting.add(row.kind)
        if not tried:
            break
    return sent


def next_message_at(connection: Connection, kinds: Collection[str], after: datetime) -> datetime | None:
    """When the next waiting message of these kinds falls due, later than `after`."""
    return connection.execute(_NEXT, {"after": after, "kinds": list(kinds)}).scalar_one_or_none()


def pause_after(attempts: int, key: str) -> timedelta:
    """How long a message rests after so many attempts: a fixed table, spread by up to a fifth either way.

    The spread comes from the key, so that messages that failed together do not come back together.
    """
    spread = int.from_bytes(hashlib.sha256(f"{key}/{attempts}".encode()).digest()[:4]) / 0xFFFFFFFF
    return PAUSES[min(attempts, len(PAUSES)) - 1] * (0.8 + 0.4 * spread)


def _due(engine: Engine, kinds: Collection[str], now: datetime, limit: int) -> list[Row[Any]]:
    with reading(engine) as connection:
        return list(connection.execute(_DUE, {"now": now, "kinds": list(kinds), "limit": limit}))


def _do(engine: Engine, services: Services, sender: Sender[Services], message_id: int, now: datetime) -> str | None:
    """None if somebody else has the message, an empty string if it is done, else the reason why not."""
    if isinstance(sender, OutsideSender):
        return _do_outside(engine, sender, message_id, now)
    with transaction(engine) as connection:
        row = connection.execute(_CLAIMABLE, {"id": message_id, "now": now}).one_or_none()
        if row is None:
            return None
        try:
            with connection.begin_nested():
                sender(connection, services, row.payload, now)
        except Exception as problem:
            return _fail(connection, row, problem, now)
        _mark_sent(connection, row, now)
    return ""


def _do_outside(engine: Engine, sender: OutsideSender, message_id: int, now: datetime) -> str | None:
    with transaction(engine) as connection:
        row = connection.execute(_CLAIMABLE, {"id": message_id, "now": now}).one_or_none()
        if row is None:
            return None
        try:
            with connection.begin_nested():
                request = sender.prepare(connection, row.payload, row.idempotency_key)
        except Exception as problem:
            return _fail(connection, row, problem, now, sender)
        if request is None:
            _mark_sent(connection, row, now)
            return ""
        connection.execute(_WRITE.values(attempts=row.attempts + 1, next_at=now + CLAIM), {"b_id": row.id})
    try:
        receipt = sender.send(request)
        with transaction(engine) as connection:
            sender.record(connection, row.payload, receipt, now)
            _mark_sent(connection, row, now)
    except Exception as problem:
        with transaction(engine) as connection:
            return _fail(connection, row, problem, now, sender)
    return ""


def _mark_sent(connection: Connection, row: Row[Any], now: datetime) -> None:
    values = {"state": SENT, "sent_at": now, "attempts": row.attempts + 1, "last_error": None}
    connection.execute(_WRITE.values(**values), {"b_id": row.id})


def _fail(
    connection: Connection, row: Row[Any], problem: Exception, now: datetime, sender: OutsideSender | None = None
) -> str:
    """Put the message back, or give it up; the reason in a word."""
    attempts = row.attempts + 1
    dead = attempts >= MOST_ATTEMPTS or (isinstance(problem, GatewayError) and not problem.retryable)
    values = {
        "attempts": attempts,
        "state": DEAD if dead else WAITING,
        "next_at": now + pause_after(attempts, row.idempotency_key),
        "last_error": f"{type(problem).__name__}: {problem}"[:2000],
    }
    log.warning("message_failed", key=row.idempotency_key, attempts=attempts, dead=dead, why=str(problem))
    written = connection.execute(_WRITE.values(**values), {"b_id": row.id})
    if dead and written.rowcount and sender is not None:
        sender.give_up(connection, row.payload)
    return problem.code if isinstance(problem, GatewayError) else type(problem).__name__
