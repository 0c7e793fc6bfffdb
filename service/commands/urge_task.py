"""Somebody above urges a task (催办): those whose turn it is are told by SMS, at most once a day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from service.commands.act import CaseAct
from service.commands.moving import begin_move
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.telling_people import tell_people
from service.database.tables import user_task
from service.errors import Refused
from service.people.actor import Actor
from service.people.queries import holders_of

_URGE = update(user_task).where(user_task.c.id == bindparam("b_id")).values(urged_at=bindparam("now"))


def urge_task(
    connection: Connection, services: Services, actor: Actor, task_id: str, words: str, now: datetime
) -> None:
    """Tell the holder, or all who may claim it. Raises Refused: those of `begin_move`, already_urged."""
    act = begin_move(connection, services, actor, "urge", task_id, words, now)
    urged_at = act.row.task_urged_at
    if urged_at is not None and act.calendar.local_date(urged_at) == act.today:
        raise Refused(
            "already_urged", "本环节今天已催办过", "Expected at most one reminder a day, but there was one today"
        )
    connection.execute(_URGE, {"b_id": task_id, "now": now})
    people = _whose_turn(act)
    act.record("task_urged", act.row.task_element_id, task=task_id, people=len(people), reason=words.strip())
    record_events(act)
    said = f"{actor.name}催办，请尽快办理。" + (f"{words.strip()}" if words.strip() else "")
    tell_people(act, people, "task_urged", said, sms=True)


def _whose_turn(act: CaseAct) -> list[int]:
    if act.row.task_assignee is not None:
        return [act.row.task_assignee]
    return [one for one, _, _ in holders_of(act.connection, act.row.task_post, act.row.task_department)]
