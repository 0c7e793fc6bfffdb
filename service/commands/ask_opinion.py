"""Whoever does a task asks others: signers (加签), countersignatures (会签), advice (征求意见)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, bindparam, func, insert, select, update

from service.commands.act import CaseAct
from service.commands.moving import begin_move, other_person
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.signing_after import tell_asked
from service.database.tables import task_opinion, user_task
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.separation import BUSINESS_POSTS, group_conflict
from service.user_tasks.opinions import SIGNING
from service.user_tasks.rules import separation_refused

# More than these are a meeting, whose minutes are a paper of the case.
MOST_ASKED = 20
_ASK = insert(task_opinion).inline()
_WAITING = select(task_opinion.c.person_id).where(
    task_opinion.c.task_id == bindparam("task_id"),
    task_opinion.c.way == bindparam("way"),
    task_opinion.c.answered_at.is_(None),
)
_HELD = func.coalesce(user_task.c.held_by, 0) + bindparam("held")
_FOLLOWED = func.coalesce(user_task.c.followed_by, 0) + bindparam("followed")
_HOLD = update(user_task).where(user_task.c.id == bindparam("b_id")).values(held_by=_HELD, followed_by=_FOLLOWED)


@dataclass(frozen=True, slots=True)
class AskOpinion:
    """`way` one of WAYS; `rule` of RULES: how a round's answers become a result; `people` ids of persons."""

    task_id: str
    way: str
    people: Sequence[int]
    question: str
    rule: str = "each"


def ask_opinion(connection: Connection, services: Services, actor: Actor, command: AskOpinion, now: datetime) -> None:
    """Ask these people together. A step waits for its signers, whoever is only consulted holds nothing up.

    Raises Refused: those of `begin_move`, separation_of_duty for a signer whom an earlier act excludes.
    """
    move = {"countersign": "countersign", "consult": "consult"}.get(command.way, "add_signer")
    act = begin_move(connection, services, actor, move, command.task_id, command.question, now)
    if act.row.kind != "item" or act.row.task_halts:
        raise Refused("not_permitted", "监察环节不加签、不会签", "Expected a step of a power item")
    people = _people(act, command)
    round_id, question = uuid4().hex, command.question.strip()
    row = {"case_id": act.row.case_id, "task_id": command.task_id, "round": round_id, "way": command.way}
    row |= {"rule": command.rule, "asked_by": actor.person_id, "asked_at": now, "question": question}
    begun = None if command.way == "after" else now
    connection.execute(_ASK, [{**row, "person_id": one.person_id, "begun_at": begun} for one in people])
    if command.way in SIGNING:
        later = command.way == "after"
        connection.execute(_HOLD, {"b_id": command.task_id, "held": int(not later), "followed": int(later)})
    names = [one.name for one in people]
    asked = {"task": command.task_id, "way": command.way, "rule": command.rule, "people": names, "reason": question}
    act.record("opinion_asked", act.row.task_element_id, **asked)
    record_events(act)
    if begun is not None:
        tell_asked(act, [one.person_id for one in people], command.way, question)


def _people(act: CaseAct, command: AskOpinion) -> list[Actor]:
    ids = list(dict.fromkeys(command.people))
    if not 1 <= len(ids) <= MOST_ASKED:
        words = f"请选择 1 至 {MOST_ASKED} 人", f"Choose from 1 to {MOST_ASKED} people"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/people")])
    waiting = set(act.connection.execute(_WAITING, {"task_id": command.task_id, "way": command.way}).scalars())
    people = [other_person(act, one, "/people") for one in ids]
    for one in people:
        require_askable(act, one, command.way)
        if one.person_id in waiting:
            raise Refused(
                "invalid_request", f"已请{one.name}签署，尚未答复", f"Expected nobody asked twice: {one.name}"
            )
    return people


def require_askable(act: CaseAct, one: Actor, way: str) -> None:
    """Signers have a post in the department and are excluded from review by nothing; anyone in office is consulted."""
    signs, place = way in SIGNING, act.row.task_department
    posts = (h for h in one.holdings if h.post in BUSINESS_POSTS and h.principal_id is None)
    if not any(h.department == place or not signs for h in posts):
        raise Refused("not_permitted", f"{one.name}不在本部门任职", f"Expected a post of this office: {one.name}")
    conflict = group_conflict("review", [one.person_id], act.actors) if signs else None
    if conflict is not None:
        raise separation_refused(conflict)
