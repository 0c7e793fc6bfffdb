"""Somebody who was asked signs or answers (签署、答复); a signature counts as review for separation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.commands.act import CaseAct, require_not_suspended, require_open
from service.commands.complete_task import current_row
from service.commands.held_acts import require_own_terminal
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.telling_people import tell_people
from service.database.tables import task_opinion, user_task
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.presence import require_presence
from service.people.separation import group_conflict
from service.user_tasks.opinions import ANSWERS, SIGNING, holds, result_of
from service.user_tasks.rules import case_halted, separation_refused

_ASKED = select(task_opinion).where(task_opinion.c.id == bindparam("opinion_id"))
_OF_TASK = (
    select(task_opinion.c.round, task_opinion.c.way, task_opinion.c.rule, task_opinion.c.answer)
    .where(task_opinion.c.task_id == bindparam("task_id"))
    .order_by(task_opinion.c.round, task_opinion.c.id)
)
_GIVE = (
    update(task_opinion)
    .where(task_opinion.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("answer", "text", "answered_at")})
)
_HELD = update(user_task).where(user_task.c.id == bindparam("b_id")).values(held_by=bindparam("held_by"))
_LET_GO = update(user_task).where(user_task.c.held_for == bindparam("b_task_id")).values(held_for=None)


@dataclass(frozen=True, slots=True)
class GiveOpinion:
    """`answer` one of ANSWERS; `text` says why, and must where somebody disagrees or is consulted."""

    opinion_id: int
    answer: str
    text: str


def give_opinion(connection: Connection, services: Services, actor: Actor, command: GiveOpinion, now: datetime) -> str:
    """The number of the case. What was given stands.

    Raises Refused: not_found for who was not asked, invalid_request, move_refused, case_closed, case_halted,
    case_suspended, separation_of_duty, second_factor_required.
    """
    asked = connection.execute(_ASKED, {"opinion_id": command.opinion_id}).one_or_none()
    if asked is None or asked.person_id != actor.person_id:
        raise not_found("该签署事项", f"opinion {command.opinion_id}")
    act = CaseAct(connection, services, current_row(connection, services, asked.task_id, now), now, actor)
    # Read again: the case is locked now, and nobody answers twice.
    asked = connection.execute(_ASKED, {"opinion_id": command.opinion_id}).one()
    _require_begun(act, asked)
    text = _text(asked.way, command)
    signs = asked.way in SIGNING
    if signs:
        _require_signer(act, actor)
        require_own_terminal(act, "review")
    connection.execute(_GIVE, {"b_id": asked.id, "answer": command.answer, "text": text or None, "answered_at": now})
    _let_go(act, asked)
    if signs:
        act.count_for_separation("review", act.persons())
    given = {"task": asked.task_id, "way": asked.way, "answer": command.answer, "reason": text}
    act.record("opinion_given", act.row.task_element_id, **given)
    record_events(act)
    told = f"{actor.name}已答复：{ANSWERS[command.answer][0]}。{text}"
    tell_people(act, [asked.asked_by], "opinion_given", told)
    return str(act.row.number)


def _require_begun(act: CaseAct, asked: Any) -> None:
    """It can be given now: the step has come to where its signers sign."""
    row = act.row
    require_open(row)
    if row.case_status == "halted":
        raise case_halted()
    require_not_suspended(act)
    if asked.answered_at is not None:
        raise Refused("move_refused", "您已经答复过了", "Expected no answer yet")
    if row.task_status != ("completed" if asked.way == "after" else "open"):
        over = ("本环节尚未办结，请稍后签署", "本环节已结束，不再需要答复")[asked.way != "after"]
        raise Refused("move_refused", over, "Expected a step that waits for this answer")


def _text(way: str, command: GiveOpinion) -> str:
    text = command.text.strip()
    if not text and (way == "consult" or command.answer == "disagree"):
        words = "请写明意见", "Say what you think"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/text")])
    return text


def _require_signer(act: CaseAct, actor: Actor) -> None:
    require_presence(actor.presence, "review", act.row.presence)
    conflict = group_conflict("review", [actor.person_id], act.actors)
    if conflict is not None:
        raise separation_refused(conflict)


def _let_go(act: CaseAct, asked: Any) -> None:
    """What the step, or what follows it, still waits for."""
    if asked.way not in SIGNING:
        return
    later = asked.way == "after"
    rows = act.connection.execute(_OF_TASK, {"task_id": asked.task_id}).all()
    held = _rounds_held(row for row in rows if (row.way == "after") == later)
    if not later:
        act.connection.execute(_HELD, {"b_id": asked.task_id, "held_by": held})
    elif not held:
        act.connection.execute(_LET_GO, {"b_task_id": asked.task_id})


def _rounds_held(rows: Iterable[Any]) -> int:
    """`rows` in order of their rounds."""
    held = 0
    for _, of_round in groupby(rows, key=attrgetter("round")):
        found = list(of_round)
        held += holds(found[0].way, result_of(found[0].rule, [one.answer for one in found]))
    return held
