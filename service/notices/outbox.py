"""The outbox: what an act has to tell others, done after its transaction, at least once, by its idempotency key.

A message for our own database is done in one transaction with its mark. One that leaves the house is claimed, sent with
no transaction open, and recorded: whoever dies in between leaves a claim that runs out, and the message is sent again.
Messages for one address share a lane; where nobody answers the lane rests until the next drain, the others go on.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Select, bindparam, func, select, update
from sqlalchemy.engine import Row

from service.database.in_text import among, in_text
from service.database.rows import read_row, read_rows, write_row
from service.database.session import reading, transaction
from service.database.tables import case, outbox
from service.errors import Stopped
from service.gateways.transport import GatewayError
from service.log import log
from service.metrics import message_done

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
WAITING, SENT, DEAD, DISMISSED = 0, 1, 2, 3
_WAITING = in_text(WAITING)
# SQLite's dialect binds an offset to every limit that has none.
_FROM_THE_FIRST = in_text(0)
LONGEST_RECEIPT = 300
# Nobody answers there: the next message of the kind would only wait as long again.
_NOBODY_THERE = frozenset({"unreachable", "timed_out"})

_LANE = func.coalesce(outbox.c.lane, outbox.c.kind)
_OF_CASE = outbox.c.case_id == select(case.c.id).where(case.c.number == bindparam("number")).scalar_subquery()
_STILL_DUE = (outbox.c.state == _WAITING, outbox.c.next_at <= bindparam("now"))
_LOCK = select(outbox.c.id).where(outbox.c.id == bindparam("id"), *_STILL_DUE).with_for_update(skip_locked=True)
_CLAIM = (
    update(outbox)
    .where(outbox.c.id == bindparam("b_id"), *_STILL_DUE)
    .values(attempts=outbox.c.attempts + in_text(1), next_at=bindparam("until"))
)
_HAND_BACK = (
    update(outbox)
    .where(outbox.c.id == bindparam("b_id"), outbox.c.state == _WAITING, outbox.c.next_at == bindparam("until"))
    .values(attempts=bindparam("attempts"), next_at=bindparam("now"))
)
_NEXT = select(func.min(outbox.c.next_at)).where(
    outbox.c.state == _WAITING,
    outbox.c.next_at > bindparam("after"),
    outbox.c.kind.in_(bindparam("kinds", expanding=True)),
)
# What a message is on its way; what has become of others is none of it.
_OF_MESSAGE = ("id", "kind", "idempotency_key", "payload", "case_id", "lane", "attempts", "next_at", "failed_at")
_WRITE = (
    update(outbox)
    .where(outbox.c.id == bindparam("b_id"), outbox.c.state == _WAITING)
    .values(
        {
            name: bindparam(name)
            for name in ("state", "attempts", "next_at", "last_error", "failed_at", "sent_at", "receipt")
        }
    )
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

    def receipt_of(self, receipt: Any) -> str:
        """What is kept with the message itself, for whoever asks whether it arrived."""
        return str(receipt)

    def give_up(self, connection: Connection, payload: Payload) -> None:  # noqa: B027 - most have nothing to do
        """The message is dead: the last attempt has failed, or there is no sense in another."""


Sender = Recorder[Services] | OutsideSender
Senders = Mapping[str, Sender[Services]]


def always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages a drain does: of these kinds (none: all that can be sent), of the case with this number."""

    kinds: frozenset[str] | None = None
    number: str | None = None


EVERYTHING = Wanted()


def drain(
    engine: Engine,
    services: Services,
    senders: Senders[Services],
    now: datetime,
    wanted: Wanted = EVERYTHING,
    *,
    limit: int = 100,
    go_on: Callable[[], bool] = always,
) -> int:
    """Do every message that is due, in order, each by the sender of its kind, until none is left; how many went well.

    Messages for our own database go first: nobody's silence outside holds them up. `limit` is how many are looked up
    at once. Kinds without a sender wait, and no attempt counts. Safe beside other workers. `go_on` may end it early.
    """
    chosen = {kind: one for kind, one in senders.items() if wanted.kinds is None or kind in wanted.kinds}
    own = frozenset(kind for kind, one in chosen.items() if not isinstance(one, OutsideSender))
    sent = 0
    look = _Look(engine, now, own, frozenset(chosen), wanted.number, limit)
    for row in look.rows(go_on):
        done = _do(engine, services, chosen[row.kind], row, now)
        look.took(row, done)
        sent += done == ""
    return sent


class _Look:
    """The messages that are due, batch by batch, until nothing more can be done about any of them."""

    def __init__(
        self, engine: Engine, now: datetime, own: frozenset[str], kinds: frozenset[str], number: str | None, limit: int
    ) -> None:
        self._engine = engine
        self._own, self._kinds, self._limit = own, kinds, limit
        self._of_case = number is not None
        self._asked: dict[str, Any] = {"now": now, "limit": limit}
        self._asked |= {"number": number} if number is not None else {}
        self._resting: set[str] = set()
        self._tried = 0

    def rows(self, go_on: Callable[[], bool]) -> Iterator[Row[Any]]:
        while self._kinds and (batch := self._due()):
            self._tried = 0
            for row in batch:
                if not go_on():
                    return
                if _lane(row) not in self._resting:
                    yield row
            if not self._tried:
                return

    def took(self, row: Row[Any], done: str | None) -> None:
        """`done` as `_do` answered: what nobody has tried comes again and must not be waited for."""
        self._tried += done is not None
        if done in _NOBODY_THERE:
            self._resting.add(_lane(row))

    def _due(self) -> list[Row[Any]]:
        """Messages for our own database as long as there are any, then the others."""
        with reading(self._engine) as connection:
            found = self._read(connection, self._kinds)
            own = [row for row in found if row.kind in self._own]
            if not own and len(found) == self._limit and self._own:
                # They may stand behind a heap of others.
                own = self._read(connection, self._own)
        return own or found

    def _read(self, connection: Connection, kinds: frozenset[str]) -> list[Row[Any]]:
        statement = _due(kinds, of_case=self._of_case)
        if not self._resting:
            return read_rows(connection, statement, self._asked)
        awake = statement.where(_LANE.not_in(sorted(self._resting)))
        return list(connection.execute(awake, self._asked))


# A process drains by a few sets of kinds, again and again.
@lru_cache(maxsize=64)
def _due(kinds: frozenset[str], *, of_case: bool) -> Select[Any]:
    found = (
        select(*(outbox.c[name] for name in _OF_MESSAGE))
        .where(outbox.c.state == _WAITING, outbox.c.next_at <= bindparam("now"))
        .where(among(outbox.c.kind, sorted(kinds)))
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(bindparam("limit"))
        .offset(_FROM_THE_FIRST)
    )
    return found.where(_OF_CASE) if of_case else found


def _lane(row: Row[Any]) -> str:
    return str(row.lane or row.kind)


def next_message_at(connection: Connection, kinds: Collection[str], after: datetime) -> datetime | None:
    """When the next waiting message of these kinds falls due, later than `after`."""
    return connection.execute(_NEXT, {"after": after, "kinds": list(kinds)}).scalar_one_or_none()


def pause_after(attempts: int, key: str) -> timedelta:
    """How long a message rests after so many attempts: a fixed table, spread by up to a fifth either way.

    The spread comes from the key, so that messages that failed together do not come back together.
    """
    spread = int.from_bytes(hashlib.sha256(f"{key}/{attempts}".encode()).digest()[:4]) / 0xFFFFFFFF
    return PAUSES[min(attempts, len(PAUSES)) - 1] * (0.8 + 0.4 * spread)


def _do(engine: Engine, services: Services, sender: Sender[Services], row: Row[Any], now: datetime) -> str | None:
    """None if somebody else has the message, an empty string if it is done, else the reason why not."""
    if isinstance(sender, OutsideSender):
        return _do_outside(engine, sender, row, now)
    with transaction(engine) as connection:
        if read_row(connection, _LOCK, {"id": row.id, "now": now}) is None:
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
            if write_row(connection, _CLAIM, claim) == 0:
                return None
            request = sender.prepare(connection, row.payload, row.idempotency_key)
            if request is None:
                _mark_sent(connection, row, now)
                return ""
        receipt = sender.send(request)
        with transaction(engine) as connection:
            sender.record(connection, row.payload, receipt, now)
            _mark_sent(connection, row, now, sender.receipt_of(receipt)[:LONGEST_RECEIPT])
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


def _mark_sent(connection: Connection, row: Row[Any], now: datetime, receipt: str | None = None) -> None:
    _write(connection, row, state=SENT, sent_at=now, receipt=receipt)
    message_done(row.kind, "sent")


def _fail(
    connection: Connection, row: Row[Any], problem: Exception, now: datetime, sender: OutsideSender | None = None
) -> str:
    """Put the message back, or give it up; the reason in a word."""
    attempts = row.attempts + 1
    dead = attempts >= MOST_ATTEMPTS or (isinstance(problem, GatewayError) and not problem.retryable)
    log.warning(
        "message_failed",
        key=row.idempotency_key,
        case_id=row.case_id,
        attempts=attempts,
        dead=dead,
        why=str(problem),
    )
    values = {
        "state": DEAD if dead else WAITING,
        "next_at": now + pause_after(attempts, row.idempotency_key),
        "last_error": f"{type(problem).__name__}: {problem}"[:2000],
        "failed_at": now,
    }
    written = _write(connection, row, **values)
    message_done(row.kind, "dead" if dead else "failed")
    if dead and written and sender is not None:
        sender.give_up(connection, row.payload)
    return problem.code if isinstance(problem, GatewayError) else type(problem).__name__


def _write(connection: Connection, row: Row[Any], **values: Any) -> bool:
    """One attempt more; False if somebody else has brought the message to its end."""
    common = {"b_id": row.id, "attempts": row.attempts + 1, "next_at": row.next_at, "failed_at": row.failed_at}
    empty = dict.fromkeys(("last_error", "sent_at", "receipt"))
    return write_row(connection, _WRITE, {**common, **empty, **values}) > 0
