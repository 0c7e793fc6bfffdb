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
from service.errors import Stopped
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
    select(outbox)
    .where(
        outbox.c.state == WAITING,
        outbox.c.next_at <= bindparam("now"),
        outbox.c.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(outbox.c.next_at, outbox.c.id)
    .limit(bindparam("limit"))
)
_STILL_DUE = (outbox.c.state == WAITING, outbox.c.next_at <= bindparam("now"))
_LOCK = select(outbox.c.id).where(outbox.c.id == bindparam("id"), *_STILL_DUE).with_for_update(skip_locked=True)
_CLAIM = (
    update(outbox)
    .where(outbox.c.id == bindparam("b_id"), *_STILL_DUE)
    .values(attempts=outbox.c.attempts + 1, next_at=bindparam("until"))
)
_HAND_BACK = (
    update(outbox)
    .where(outbox.c.id == bindparam("b_id"), outbox.c.state == WAITING, outbox.c.next_at == bindparam("until"))
    .values(attempts=bindparam("attempts"), next_at=bindparam("now"))
)
_NEXT = select(func.min(outbox.c.next_at)).where(
    outbox.c.state == WAITING,
    outbox.c.next_at > bindparam("after"),
    outbox.c.kind.in_(bindparam("kinds", expanding=True)),
)
_WRITE = (
    update(outbox)
    .where(outbox.c.id == bindparam("b_id"), outbox.c.state == WAITING)
    .values({name: bindparam(name) for name in ("state", "attempts", "next_at", "last_error", "sent_at")})
)


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
            done = _do(engine, services, senders[row.kind], row, now)
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


def _do(engine: Engine, services: Services, sender: Sender[Services], row: Row[Any], now: datetime) -> str | None:
    """None if somebody else has the message, an empty string if it is done, else the reason why not."""
    if isinstance(sender, OutsideSender):
        return _do_outside(engine, sender, row, now)
    with transaction(engine) as connection:
        if connection.execute(_LOCK, {"id": row.id, "now": now}).first() is None:
            return None
        try:
            with connection.begin_nested():
                sender(connection, services, row.payload, now)
        except Exception as problem:
            return _fail(connection, row, problem, now)
        _mark_sent(connection, row, now)
    return ""


def _do_outside(engine: Engine, sender: OutsideSender, row: Row[Any], now: datetime) -> str | None:
    try:
        with transaction(engine) as connection:
            claim = {"b_id": row.id, "now": now, "until": now + CLAIM}
            if connection.execute(_CLAIM, claim).rowcount == 0:
                return None
            request = sender.prepare(connection, row.payload, row.idempotency_key)
            if request is None:
                _mark_sent(connection, row, now)
                return ""
        receipt = sender.send(request)
        with transaction(engine) as connection:
            sender.record(connection, row.payload, receipt, now)
            _mark_sent(connection, row, now)
    except Exception as problem:
        with transaction(engine) as connection:
            return _fail(connection, row, problem, now, sender)
    except Stopped:
        # The message is due for whoever is next, and no attempt counts.
        with transaction(engine) as connection:
            connection.execute(
                _HAND_BACK, {"b_id": row.id, "until": now + CLAIM, "attempts": row.attempts, "now": row.next_at}
            )
        raise
    return ""


def _mark_sent(connection: Connection, row: Row[Any], now: datetime) -> None:
    _write(connection, row, state=SENT, sent_at=now)


def _fail(
    connection: Connection, row: Row[Any], problem: Exception, now: datetime, sender: OutsideSender | None = None
) -> str:
    """Put the message back, or give it up; the reason in a word."""
    attempts = row.attempts + 1
    dead = attempts >= MOST_ATTEMPTS or (isinstance(problem, GatewayError) and not problem.retryable)
    log.warning("message_failed", key=row.idempotency_key, attempts=attempts, dead=dead, why=str(problem))
    next_at, words = now + pause_after(attempts, row.idempotency_key), f"{type(problem).__name__}: {problem}"
    written = _write(connection, row, state=DEAD if dead else WAITING, next_at=next_at, last_error=words[:2000])
    if dead and written and sender is not None:
        sender.give_up(connection, row.payload)
    return problem.code if isinstance(problem, GatewayError) else type(problem).__name__


def _write(connection: Connection, row: Row[Any], *, state: int, **values: Any) -> bool:
    """One attempt more; False if somebody else has brought the message to its end."""
    common = {"b_id": row.id, "attempts": row.attempts + 1, "next_at": row.next_at, "last_error": None, "sent_at": None}
    return connection.execute(_WRITE, {**common, "state": state, **values}).rowcount > 0
