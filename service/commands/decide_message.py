"""Dead messages: a person has them tried again, or lays them to rest; each time with a reason that stays on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, insert, select, update

from service.database.in_text import in_text
from service.database.tables import outbox, outbox_decision
from service.errors import Detail, Refused, not_found
from service.notices.outbox import DEAD, DISMISSED, WAITING
from service.people.actor import Actor
from service.people.permissions import may

Decision = Literal["retry", "dismiss"]
# One transaction; who has more of them asks again.
MOST_AT_ONCE = 1000

_DEAD = select(outbox.c.id, outbox.c.attempts, outbox.c.last_error).where(outbox.c.state == in_text(DEAD))
_ONE = _DEAD.where(outbox.c.id == bindparam("id")).with_for_update()
_OF_KIND = _DEAD.where(outbox.c.kind == bindparam("kind")).order_by(outbox.c.id).limit(MOST_AT_ONCE).with_for_update()
_OF_DEAD = update(outbox).where(outbox.c.id == bindparam("b_id"), outbox.c.state == in_text(DEAD))
_RETRY = _OF_DEAD.values(state=WAITING, attempts=0, next_at=bindparam("now"))
_DISMISS = _OF_DEAD.values(state=DISMISSED)


@dataclass(frozen=True, slots=True)
class DecideMessage:
    message_id: int
    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True)
class RetryKind:
    """Every dead message of one kind, up to a thousand at once."""

    kind: str
    reason: str


def decide_message(connection: Connection, actor: Actor, command: DecideMessage, now: datetime) -> None:
    """Try a dead message again from its first attempt on, or dismiss it. Raises Refused: not_permitted, not_found,
    invalid_request without a reason."""
    _require(actor, command.reason)
    row = connection.execute(_ONE, {"id": command.message_id}).one_or_none()
    if row is None:
        raise not_found("该失败消息", f"dead message {command.message_id}")
    _decide(connection, actor, [row], command.decision, command.reason, now)


def retry_kind(connection: Connection, actor: Actor, command: RetryKind, now: datetime) -> int:
    """How many messages are tried again. Raises Refused: not_permitted, invalid_request without a reason."""
    _require(actor, command.reason)
    rows = connection.execute(_OF_KIND, {"kind": command.kind}).all()
    if rows:
        _decide(connection, actor, rows, "retry", command.reason, now)
    return len(rows)


def _require(actor: Actor, reason: str) -> None:
    if not may(actor, "decide_messages"):
        raise Refused("not_permitted", "只有系统管理员可以处理失败消息", "Expected a system administrator")
    if not reason.strip():
        words = ("须写明理由", "Expected a reason, but there is none")
        raise Refused("invalid_request", *words, [Detail("required", "请写明理由", "Give a reason", pointer="/reason")])


def _decide(
    connection: Connection, actor: Actor, rows: Sequence[Any], decision: Decision, reason: str, now: datetime
) -> None:
    common = {"at": now, "person_id": actor.person_id, "decision": decision, "reason": reason.strip()[:500]}
    written = [{**common, "outbox_id": row.id, "attempts": row.attempts, "last_error": row.last_error} for row in rows]
    connection.execute(insert(outbox_decision), written)
    change = [{"b_id": row.id, **({"now": now} if decision == "retry" else {})} for row in rows]
    connection.execute(_RETRY if decision == "retry" else _DISMISS, change)
