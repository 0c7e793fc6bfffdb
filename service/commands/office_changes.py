"""The book of what administrators change: who, what was before and after, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from service.database.tables import office_change
from service.errors import Detail, Refused
from service.people.actor import Actor

_NOTE = insert(office_change)
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class OfficeChange:
    """`subject` is like `person/12`; `proposer` is set where two people were needed."""

    kind: str
    subject: str
    reason: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    proposer: int | None = None


def note_change(connection: Connection, actor: Actor | None, change: OfficeChange, now: datetime) -> int:
    """Write the change into the book, and its number there; `actor` None is the installation itself."""
    return int(connection.execute(_NOTE.returning(office_change.c.id), _row(actor, change, now)).scalar_one())


def note_changes(connection: Connection, actor: Actor | None, changes: Iterable[OfficeChange], now: datetime) -> None:
    """Many of them by one statement."""
    if rows := [_row(actor, change, now) for change in changes]:
        connection.execute(_NOTE, rows)


def _row(actor: Actor | None, change: OfficeChange, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {"at": now, "actor": actor.person_id if actor else None, "proposer": change.proposer}
    row |= {"kind": change.kind, "subject": change.subject, "before": change.before and dict(change.before)}
    return row | {"after": change.after and dict(change.after), "reason": change.reason}


def stated(reason: str) -> str:
    """The reason without blanks around it. Raises Refused invalid_request where none is given."""
    given = reason.strip()[:LONGEST_REASON]
    if not given:
        words = "须写明理由", "Give the reason"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/reason")])
    return given
