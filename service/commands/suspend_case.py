"""A case is suspended on a ground of law and resumed (中止, 恢复): its clocks stand still and nothing is done on it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.catalogue.suspension import OTHER, grounds_of
from service.commands import stopping
from service.commands.act import CaseAct
from service.commands.moving_case import (
    begin_case_move,
    move_refused,
    no_ground,
    require_before_decision,
    require_ground,
    tell_holders,
)
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.commands.writing import settle
from service.commands.written_notices import tell_resumption, tell_suspension
from service.people.actor import Actor


@dataclass(frozen=True, slots=True)
class SuspendCase:
    """`ground` is a key of the list or `other`, for which `legal_basis` cites the provision; `reason` says what of it
    has happened.
    """

    number: str
    legal_basis: str
    reason: str
    ground: str = OTHER


def suspend_case(connection: Connection, services: Services, actor: Actor, command: SuspendCase, now: datetime) -> None:
    """Stop every limit of the case and of its steps until it is resumed; the applicant is told.

    Raises Refused as `begin_case_move`, invalid_request for what is no ground of law of such a case, and move_refused
    before acceptance or after the decision.
    """
    act = begin_case_move(connection, services, actor, command.number, "suspend", command.reason, now)
    ground = _ground(act, command)
    require_before_decision(act)
    key = uuid.uuid4().hex
    act.record("case_suspended", None, legal_basis=ground, reason=command.reason)
    act.run.memory["suspension"] = key
    stopping.hold_too(act, key)
    steps = [t for t in act.run.armed() if t.role == "step_limit"]
    stopping.stop_by_office(act, key, "", ground, None, steps)
    act.later(lambda: tell_suspension(act, ground=ground, reason=command.reason.strip()))
    act.later(lambda: tell_applicant(act, "suspended", ground=ground))
    act.later(lambda: tell_holders(act, "case_suspended", f"依法中止。依据：{ground}"))
    settle(act, act.run.outcome())


def _ground(act: CaseAct, command: SuspendCase) -> str:
    """The provision as papers name it (DOMAIN: 3, stops): one of the list for this kind of case, or another in full."""
    category = act.item.category if act.item is not None else None
    listed = {one.key: one.zh for one in grounds_of(category)}
    if command.ground in listed:
        return listed[command.ground]
    if command.ground != OTHER:
        chosen = "required" if not command.ground.strip() else "not_an_option"
        raise no_ground(chosen, "/ground", "请选择本类事项的中止依据", "Choose a ground that fits this kind of case")
    return require_ground(act, command.legal_basis)


def resume_case(
    connection: Connection, services: Services, actor: Actor, number: str, reason: str, now: datetime
) -> None:
    """The ground has gone: every limit runs again with what it had left. Raises Refused as suspending does."""
    act = begin_case_move(connection, services, actor, number, "resume", reason, now, suspended=True)
    if not act.run.suspended:
        raise move_refused("本办件没有中止", "Expected a suspended case")
    act.record("case_resumed", None, reason=reason)
    stopping.end_by_office(act, act.run.memory.pop("suspension"), "resumed")
    act.run.tick()  # What waited to move the token while the case stood still.
    act.later(lambda: tell_resumption(act, reason=reason.strip(), due=_new_due(act)))
    act.later(lambda: tell_applicant(act, "resumed"))
    act.later(lambda: tell_holders(act, "case_resumed", "已恢复办理"))
    settle(act, act.run.outcome())


def _new_due(act: CaseAct) -> datetime | None:
    """The earliest limit of the case that runs again; where a special procedure still runs, as it is planned."""
    return min(act.limits_moved.values(), default=None) or stopping.due_as_planned(act)
