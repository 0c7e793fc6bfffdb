"""What a pass sees of the cases that ended within the last month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy import case as either

from service.commands.services import Services
from service.database.in_text import among, in_text
from service.database.rows import read_rows
from service.database.tables import case, event, ledger_entry, person, user_task
from supervision.collecting_papers import OF_CASE, OVERLAP, case_ref
from supervision.collecting_steps import MONTH
from supervision.facts import Ending

_OWED = ("assessed", "notified")
_AMOUNT = ledger_entry.c.amount_fen
_OWED_FEN = (
    select(
        func.coalesce(
            func.sum(
                either((among(ledger_entry.c.debit, _OWED), _AMOUNT), else_=in_text(0))
                - either((among(ledger_entry.c.credit, _OWED), _AMOUNT), else_=in_text(0))
            ),
            in_text(0),
        )
    )
    .where(ledger_entry.c.case_id == event.c.case_id, ledger_entry.c.at <= event.c.at)
    .correlate(event)
    .scalar_subquery()
)
_ENDINGS = (
    select(event.c.case_id, event.c.seq, event.c.at, case.c.outcome, case.c.accepted_on, *OF_CASE)
    .add_columns(_OWED_FEN.label("owed_fen"))
    .join(case, case.c.id == event.c.case_id)
    .where(event.c.kind == in_text("case_closed"), event.c.at >= bindparam("since"), event.c.at <= bindparam("until"))
    .where(case.c.kind == in_text("item"))
    .order_by(event.c.at, event.c.case_id)
)
_DECIDERS = (
    select(user_task.c.case_id, user_task.c.completed_by, person.c.name)
    .join(person, person.c.id == user_task.c.completed_by)
    .where(user_task.c.separation_group == in_text("decide"), user_task.c.status == in_text("completed"))
    .where(
        user_task.c.case_id.in_(
            select(event.c.case_id).where(event.c.kind == in_text("case_closed"), event.c.at >= bindparam("since"))
        )
    )
    .order_by(user_task.c.completed_at)
)


class Endings:
    """From the looks before: a look reads those that came since."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._known: dict[tuple[int, int], Ending] = {}

    def since(self, connection: Connection, services: Services, since: datetime, now: datetime) -> tuple[Ending, ...]:
        """In their order."""
        if self._until != now or self._since is None or since < self._since:
            self._go_on(connection, services, min(since, now - MONTH), now)
        return tuple(one for one in self._known.values() if one.at >= since)

    def _go_on(self, connection: Connection, services: Services, since: datetime, now: datetime) -> None:
        begin = since
        if self._until is not None and self._since is not None and self._since <= since:
            begin = max(since, self._until - OVERLAP)
        else:
            self._known = {}
        self._since, self._until = since, now
        known = {key: one for key, one in self._known.items() if since <= one.at < begin}
        rows = read_rows(connection, _ENDINGS, {"since": begin, "until": now})
        deciders: dict[int, Any] = {}
        if rows:
            deciders = {row.case_id: row for row in read_rows(connection, _DECIDERS, {"since": begin})}
        # What a look overlaps with is read anew, and stands behind all that it knew.
        self._known = known | {(row.case_id, row.seq): _ending(connection, services, row, deciders) for row in rows}


def _ending(connection: Connection, services: Services, row: Any, deciders: Mapping[int, Any]) -> Ending:
    known = case_ref(connection, services, row)
    decider = deciders.get(row.case_id)
    who = (decider.completed_by, decider.name) if decider is not None else (None, "")
    return Ending(known, row.seq, row.at, row.outcome or "", row.accepted_on is not None, int(row.owed_fen), *who)
