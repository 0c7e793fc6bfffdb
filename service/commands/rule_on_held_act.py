"""The level-1 supervisor rules on an act that was held: it counts, or it is void."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.cases.happened import HaltRuled
from service.commands.act import CaseAct
from service.commands.complete_task import CompleteTask, complete_held
from service.commands.moving_case import move_refused
from service.commands.receive_message import open_case_act
from service.commands.services import Services
from service.commands.writing import settle
from service.database.tables import user_task
from service.engine import HELD
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.presence import HALT_RULING, require_presence
from service.people.queries import read_actor
from service.user_tasks.rules import permitted_holding
from service.user_tasks.signature import answers_digest
from service.user_tasks.terminals import ruling_posts

RULINGS = ("release", "void")
_DRAFT = select(user_task.c.draft).where(
    user_task.c.id == bindparam("task_id"),
    user_task.c.status == "open",
    user_task.c.assignee == bindparam("person_id"),
)


@dataclass(frozen=True, slots=True)
class RuleOnHeldAct:
    number: str
    ruling: str
    reason: str


def rule_on_held_act(
    connection: Connection, services: Services, actor: Actor, command: RuleOnHeldAct, now: datetime
) -> bool:
    """Whether what was held counts now. A completion that is released is done as it was handed in.

    If what was handed in does not hold any more, it lies in the task as a draft, as after `void`. Raises Refused:
    not_found, case_closed, move_refused where nothing is held, not_permitted, separation_of_duty, invalid_request,
    second_factor_required.
    """
    act = open_case_act(connection, services, command.number, now, actor)
    act.load()
    if HELD not in act.run.memory:
        raise move_refused("本办件没有因终端共用而中止", "Expected a case that stands still because an act was held")
    group = _hold_post(act, actor)
    reason = _checked(command)
    require_presence(actor.presence, HALT_RULING, act.row.presence)
    held = act.run.memory.pop(HELD)
    act.record("halt_ruled", held["element"] or None, ruling=command.ruling, reason=reason, held=held["key"])
    act.count_for_separation(group, act.persons())
    act.happened.append(HaltRuled(held["key"], held["element"], command.ruling, reason, actor.person_id, actor.name))
    settle(act, act.run.outcome())
    return command.ruling == "release" and _let_count(act, held)


def _hold_post(act: CaseAct, actor: Actor) -> str | None:
    """The post by which the person rules, and the group as which it counts; never one of the two who acted.

    Raises Refused: not_permitted, separation_of_duty.
    """
    if actor.person_id in act.run.memory[HELD]["both"]:
        words = "处置人不得是当事的两人之一", "Expected a supervisor who has no part in it"
        raise Refused("separation_of_duty", *words)
    refusal: Refused | None = None
    for post, group in ruling_posts(act.row.kind).items():
        try:
            act.holding = permitted_holding(
                actor, post=post, department=act.row.case_department, group=group, actors=act.actors
            )
        except Refused as refused:
            refusal = refused if refusal is None or refused.code == "separation_of_duty" else refusal
            continue
        return group
    raise refusal or Refused("not_permitted", "您不能处置", "Expected a supervisor")


def _checked(command: RuleOnHeldAct) -> str:
    if command.ruling not in RULINGS:
        words = "请选择认可或者作废", f"Expected one of {', '.join(RULINGS)}"
        raise Refused("invalid_request", *words, [Detail("not_a_choice", *words, pointer="/ruling")])
    if not command.reason.strip():
        words = "须写明处置理由", "Say why"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/reason")])
    return command.reason.strip()


def _let_count(act: CaseAct, held: Mapping[str, Any]) -> bool:
    """Do the completion as it was handed in, for who handed it in; False if that is not possible any more."""
    if "task" not in held:
        return False
    given = {"task_id": held["task"], "person_id": held["person"]}
    draft = act.connection.execute(_DRAFT, given).scalar_one_or_none()
    doer = read_actor(act.connection, held["person"], act.now)
    if draft is None or doer is None or answers_digest(draft) != held["digest"]:
        return False
    try:
        complete_held(act.connection, act.services, doer, CompleteTask(held["task"], draft), act.now)
    except Refused:
        return False
    return True
