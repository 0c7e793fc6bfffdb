"""A case ends before its decision: the office terminates it on a ground of law (终止), or the applicant withdraws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.commands import stopping
from service.commands.act import CaseAct
from service.commands.held_acts import require_own_terminal
from service.commands.moving_case import (
    begin_case_move,
    move_refused,
    require_before_decision,
    require_ground,
    require_no_conflict,
    tell_holders,
)
from service.commands.receive_message import open_case_act
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.commands.writing import settle
from service.commands.written_notices import tell_termination
from service.people.actor import Actor
from service.user_tasks.rules import case_halted


@dataclass(frozen=True, slots=True)
class TerminateCase:
    """`legal_basis` names the article; `reason` the facts."""

    number: str
    legal_basis: str
    reason: str


def terminate_case(
    connection: Connection, services: Services, actor: Actor, command: TerminateCase, now: datetime
) -> None:
    """End the case without a decision on the application; it counts as a decision for separation.

    Raises Refused as `begin_case_move`, separation_of_duty, and invalid_request where no law and article is cited.
    """
    act = begin_case_move(connection, services, actor, command.number, "terminate", command.reason, now, suspended=True)
    ground = require_ground(act, command.legal_basis)
    require_no_conflict(act, "decide")
    require_before_decision(act)
    require_own_terminal(act, "decide")
    act.count_for_separation("decide", act.persons())
    act.record("case_terminated", None, legal_basis=ground, reason=command.reason)
    act.later(lambda: tell_termination(act, ground=ground, reason=command.reason.strip()))
    act.later(lambda: tell_applicant(act, "terminated", reason=command.reason))
    _end(act, "terminated", f"已终止。依据：{ground}")


def withdraw_case(
    connection: Connection, services: Services, actor: Actor | None, number: str, reason: str, now: datetime
) -> None:
    """The applicant takes the application back before the decision; `actor` None: through the public door.

    Raises Refused: not_found, case_closed, case_halted, move_refused, not_permitted.
    """
    if actor is None:
        act = open_case_act(connection, services, number, now)
        if act.row.case_status == "halted":
            raise case_halted()
        act.load()
    else:
        act = begin_case_move(connection, services, actor, number, "withdraw", reason, now, suspended=True)
    if act.row.decided_on is not None or act.item is None or act.item.category == "CF":
        raise move_refused("决定作出前的申请方可撤回", "Expected an application that is not decided yet")
    act.record("application_withdrawn", None, reason=reason, via="window" if actor else "portal")
    act.later(lambda: tell_applicant(act, "withdrawal"))
    _end(act, "withdrawn", "申请人已撤回申请")


def _end(act: CaseAct, outcome: str, said: str) -> None:
    memory = act.run.memory
    memory["ended_by"] = outcome
    memory.pop("suspension", None)
    act.run.end(outcome)
    for key in list(memory.get("stops", {})):
        stopping.end_by_office(act, key, "case_ended")
    act.later(lambda: tell_holders(act, f"case_{outcome}", said))
    settle(act, act.run.outcome())
