"""The limit of a case is extended once (延期, 行政许可法 Art. 42) by the approver of the law, never a handler."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.commands import stopping
from service.commands.act import CaseAct
from service.commands.moving_case import begin_case_move, move_refused, require_before_decision, tell_holders
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.commands.writing import settle
from service.commands.written_notices import tell_extension
from service.errors import Refused
from service.people.actor import Actor
from service.timers.standing_still import JUST_AFTER


def extend_limit(
    connection: Connection, services: Services, actor: Actor, number: str, reason: str, now: datetime
) -> None:
    """As many working days more as the item's law gives, once; the applicant is told why.

    Raises Refused as `begin_case_move`; separation_of_duty for who has handled the case; move_refused where it has
    been extended already, stands still, or has passed its limit.
    """
    act = begin_case_move(connection, services, actor, number, "extend", reason, now)
    _require_no_handler(act)
    require_before_decision(act)
    _require_extendable(act)
    days = int(act.item.limits["extension"]["value"]) if act.item is not None else 0
    due = stopping.extend(act, days)
    if due is None:
        raise move_refused("期限已过，不能再延长", "Expected a limit that has not passed")
    due_on = act.calendar.local_date(due - JUST_AFTER).isoformat()
    act.record("limit_extended", None, working_days=days, due_on=due_on, reason=reason)
    before, why = act.row.case_due_at, reason.strip()
    act.later(lambda: tell_extension(act, days=days, before=before, due=due, reason=why))
    act.later(lambda: tell_applicant(act, "extended", days=str(days), due_on=due_on, reason=reason))
    act.later(lambda: tell_holders(act, "limit_extended", f"经批准延期至 {due_on}"))
    settle(act, act.run.outcome())


def _require_no_handler(act: CaseAct) -> None:
    """Who has handled the case in any way but decided it does not give himself more time."""
    handled = {person for group, doers in act.actors.items() if group != "decide" for person in doers}
    if handled.intersection(act.persons()):
        raise Refused(
            "separation_of_duty",
            "经办人不得批准本件延期",
            "Expected an approver who has not handled the case",
        )


def _require_extendable(act: CaseAct) -> None:
    if act.run.memory.get("extended"):
        raise move_refused("本件已延期一次，不能再延", "Expected a case that has not been extended yet")
    if act.run.memory.get("stops"):
        raise move_refused("停表期间不能延期，请在恢复计时后办理", "Expected a clock that runs")
