"""What fell due on one case: warnings, planned ends of clock stops, and the engine's own timers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Row

from service.commands import stopping
from service.commands.act import CaseAct
from service.commands.cash_reminders import remind_of_cash
from service.commands.limits import WARNINGS, note_due_limit
from service.commands.reminding import remind
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.commands.writing import settle
from service.engine import LIMIT_ROLES
from service.reads.hot import HotRow, hot_by_id, rows_due


def fire_timers(connection: Connection, services: Services, case_id: int, now: datetime) -> bool:
    """Fire everything of a case that fell due before `now`; False if nothing was due any more.

    Asking twice, or after somebody else has done it, changes nothing.
    """
    row = hot_by_id(connection, case_id)
    if row is None:
        return False
    due = rows_due(connection, case_id, now)
    _fire(connection, services, row, due, now)
    return bool(due)


def current(
    connection: Connection,
    services: Services,
    read: Callable[[], HotRow | None],
    now: datetime,
    seen: Callable[[HotRow], None] | None = None,
) -> HotRow | None:
    """What `read` brings of a case, due timers fired first: a late act must not beat a timer that moves the case.

    `seen` may refuse the case as it was before they fired, which is what the person had before them.
    """
    row = read()
    if row is not None and seen is not None:
        seen(row)
    if row is not None and row.next_due is not None and row.next_due < now:
        advance(connection, services, row, now)
        row = read()
    return row


def advance(connection: Connection, services: Services, row: HotRow, now: datetime) -> None:
    """Fire the due timers of a case that is already read and locked."""
    _fire(connection, services, row, rows_due(connection, row.case_id, now), now)


def _fire(connection: Connection, services: Services, row: HotRow, due: list[Row[Any]], now: datetime) -> None:
    if row.case_status in ("halted", "suspended"):
        due = [timer for timer in due if timer.role != "move"]  # These wait until the case goes on.
    if not due:
        return
    act = CaseAct(connection, services, row, now)
    act.load()
    for timer in due:
        if timer.role == "stop_end":
            stopping.end_at_plan(act, timer)
        elif timer.role in LIMIT_ROLES | WARNINGS:
            note_due_limit(act, timer)
    act.run.tick()
    outcome = act.run.outcome()
    act.later(lambda: remind(act, outcome))
    act.later(lambda: remind_of_cash(act, due))
    if outcome.ended_with == "withdrawn":
        told = "unpaid" if row.accepted_on else "withdrawn"
        act.later(lambda: tell_applicant(act, told))
    if any(h.kind == "timer" and h.element.attached_to in ("payment", "await_payment") for h in outcome.happenings):
        act.later(lambda: tell_applicant(act, "payment_reminder"))
    settle(act, outcome)
