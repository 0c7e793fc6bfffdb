"""What fell due on one case: warnings, planned ends of clock stops, and the engine's own timers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Row

from service.cases.happened import LimitReached
from service.commands import stopping
from service.commands.act import CaseAct
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.commands.writing import settle, warns_for_row
from service.engine import LIMIT_ROLES
from service.reads.hot import HotRow, hot_by_id, rows_due

WARNINGS = {"blue": "blue", "yellow": "yellow"}


def fire_timers(connection: Connection, services: Services, case_id: int, now: datetime) -> bool:
    """Fire everything of a case that fell due before `now`; False if nothing was due any more.

    Asking twice, or after somebody else has done it, changes nothing.
    """
    row = hot_by_id(connection, case_id)
    if row is None:
        return False
    due = rows_due(connection, case_id, now)
    if due:
        _fire(connection, services, row, due, now)
    return bool(due)


def advance(connection: Connection, services: Services, row: HotRow, now: datetime) -> None:
    """Fire the due timers of a case that is already read and locked."""
    _fire(connection, services, row, rows_due(connection, row.case_id, now), now)


def _fire(connection: Connection, services: Services, row: HotRow, due: list[Row[Any]], now: datetime) -> None:
    act = CaseAct(connection, services, row, now)
    act.load()
    for timer in due:
        _note_due(act, timer)
    act.run.tick()
    outcome = act.run.outcome()
    if outcome.ended_with == "withdrawn":
        act.later(lambda: tell_applicant(act, "withdrawn"))
    settle(act, outcome)


def _note_due(act: CaseAct, timer: Row[Any]) -> None:
    if timer.role == "stop_end":
        if timer.timer_id in act.run.memory.get("stops", {}):
            stopping.end_stop(act, timer.timer_id, "planned_end")
        return
    colour = "red" if timer.role in LIMIT_ROLES else WARNINGS.get(timer.role)
    if timer.role in WARNINGS:
        act.pending.due_row_deletes.append({"b_timer_id": timer.timer_id, "b_role": timer.role})
    if colour is None or not warns_for_row(act, timer):
        return
    element = act.bundle.model.find(timer.step_id)
    act.note("limit_reached", timer.step_id, colour=colour, due_at=timer.due_at.isoformat())
    act.happened.append(
        LimitReached(
            timer_id=timer.timer_id,
            role=_own_role(act, timer),
            colour=colour,
            element_id=timer.step_id,
            step_zh=element.name_zh if element else timer.step_id,
            step_en=element.name_en if element else timer.step_id,
            due_at=timer.due_at,
            counted_from=timer.counted_from,
            limit_value=timer.limit_value,
            limit_unit=timer.limit_unit,
        )
    )


def _own_role(act: CaseAct, timer: Row[Any]) -> str:
    """The role of the timer itself, for a row that stands for a share of its limit."""
    element = act.bundle.model.find(timer.element_id)
    return element.role if element is not None else str(timer.role)
