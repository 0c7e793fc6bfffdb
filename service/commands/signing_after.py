"""Signers after a step (后加签) begin when it is done, and what comes next waits for them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update

from service.commands.act import CaseAct
from service.commands.telling_people import tell_people
from service.database.tables import task_opinion, user_task
from service.user_tasks.opinions import WAYS

_BEGIN = (
    update(task_opinion)
    .where(task_opinion.c.task_id == bindparam("b_task_id"), task_opinion.c.way == "after")
    .values(begun_at=bindparam("now"))
)
_HOLD_NEXT = update(user_task).where(user_task.c.id == bindparam("b_id")).values(held_for=bindparam("held_for"))
_AFTER = (
    select(task_opinion.c.person_id)
    .where(task_opinion.c.task_id == bindparam("task_id"), task_opinion.c.way == "after")
    .where(task_opinion.c.answered_at.is_(None))
)


def begin_followers(act: CaseAct, next_tasks: Sequence[str]) -> None:
    """The task is done: those who sign after it may, and what comes next is not completed before they have."""
    row = act.row
    people = act.connection.execute(_AFTER, {"task_id": row.task_id}).scalars().all()
    if not people:
        return
    act.connection.execute(_BEGIN, {"b_task_id": row.task_id, "now": act.now})
    if next_tasks:
        act.connection.execute(_HOLD_NEXT, [{"b_id": one, "held_for": row.task_id} for one in next_tasks])
    tell_asked(act, people, "after", "本环节已办结，请签署")


def tell_asked(act: CaseAct, people: Sequence[int], way: str, question: str) -> None:
    """Those who were asked hear by whom and what for."""
    asker = act.actor.name if act.actor is not None else ""
    tell_people(act, people, "opinion_asked", f"{asker}请您{WAYS[way][0]}。{question}", sms=True)
