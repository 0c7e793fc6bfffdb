"""Messages that could not be sent, as administrators read them: to whom is masked, what it said is not shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, cast, func, select
from sqlalchemy.engine import Row

from service.database.in_text import in_text
from service.database.tables import case, notice, outbox, outbox_decision, payment_notice, person, webhook_receiver
from service.people.masking import mask_account, mask_mobile, mask_name
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

DEAD = 2
_DEAD = in_text(DEAD)
_NOTICE_ID = cast(outbox.c.payload["notice_id"].as_string(), Integer)
_RECEIVER_ID = cast(outbox.c.payload["receiver_id"].as_string(), Integer)
_JOINED = (
    select(
        outbox,
        case.c.number.label("case_number"),
        notice.c.address,
        notice.c.channel,
        notice.c.recipient_name,
        webhook_receiver.c.name.label("receiver_name"),
        payment_notice.c.payer,
    )
    .outerjoin(case, case.c.id == outbox.c.case_id)
    .outerjoin(notice, notice.c.id == _NOTICE_ID)
    .outerjoin(webhook_receiver, webhook_receiver.c.id == _RECEIVER_ID)
    .outerjoin(payment_notice, payment_notice.c.pay_code == outbox.c.payload["pay_code"].as_string())
)
_ONE = _JOINED.where(outbox.c.id == bindparam("id"))
_BY_KIND = select(outbox.c.kind, func.count()).where(outbox.c.state == _DEAD).group_by(outbox.c.kind)
_DECISIONS = (
    select(outbox_decision, person.c.name.label("person"))
    .join(person, person.c.id == outbox_decision.c.person_id)
    .where(outbox_decision.c.outbox_id.in_(bindparam("ids", expanding=True)))
    .order_by(outbox_decision.c.id)
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about a message before: `retry` or `dismiss`."""

    at: datetime
    person: str
    decision: str
    reason: str
    attempts: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`recipient` is masked; empty where the message is for this installation itself."""

    id: int
    kind: str
    recipient: str
    case_number: str | None
    attempts: int
    last_error: str | None
    created_at: datetime
    failed_at: datetime | None
    state: int
    decisions: tuple[Decision, ...]


def list_dead_letters(connection: Connection, kind: str | None = None, asked: Asked = FIRST_PAGE) -> Page[DeadLetter]:
    """The newest first."""
    where = [outbox.c.state == _DEAD, *([outbox.c.kind == kind] if kind else [])]
    total = connection.execute(select(func.count()).select_from(outbox).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(outbox.c.id < after[0])
    rows = connection.execute(_JOINED.where(*where).order_by(outbox.c.id.desc()).limit(asked.limit + 1)).all()
    decided = _decisions(connection, [row.id for row in rows])
    return page_of(rows, total, asked, lambda row: [row.id], lambda row: _view(row, decided))


def read_dead_letter(connection: Connection, message_id: int) -> DeadLetter | None:
    """A message that is dead or was decided upon; None for any other."""
    row = connection.execute(_ONE, {"id": message_id}).one_or_none()
    if row is None:
        return None
    decided = _decisions(connection, [row.id])
    return _view(row, decided) if row.state == DEAD or decided else None


def dead_by_kind(connection: Connection) -> dict[str, int]:
    """How many dead messages there are of each kind."""
    return {str(kind): int(count) for kind, count in connection.execute(_BY_KIND)}


def _decisions(connection: Connection, ids: list[int]) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = {}
    for row in connection.execute(_DECISIONS, {"ids": ids}) if ids else ():
        one = Decision(row.at, row.person, row.decision, row.reason, row.attempts, row.last_error)
        found.setdefault(row.outbox_id, []).append(one)
    return found


def _view(row: Row[Any], decided: dict[int, list[Decision]]) -> DeadLetter:
    return DeadLetter(
        row.id,
        row.kind,
        _recipient(row),
        row.case_number,
        row.attempts,
        row.last_error,
        row.created_at,
        row.failed_at,
        row.state,
        tuple(decided.get(row.id, ())),
    )


def _recipient(row: Row[Any]) -> str:
    if row.address:
        return f"{mask_name(row.recipient_name)} {mask_way(row.channel, row.address)}"
    return str(row.receiver_name or (mask_name(row.payer) if row.payer else ""))


def mask_way(channel: str, address: str) -> str:
    """A mobile number, a mailbox or a name at the push gateway, as others may see it."""
    if channel == "mail":
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}***@{domain}"
    return mask_mobile(address) if channel == "sms" else mask_account(address)
