"""Opinions and signatures that whoever is on leave was asked for go to the stand-in, or who asked is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.commands.act import CaseAct
from service.commands.ask_opinion import require_askable
from service.commands.calendar_versions import queue
from service.commands.complete_task import current_row
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.telling_people import tell_people
from service.database.tables import delegation, task_opinion
from service.errors import Refused
from service.people.actor import Actor
from service.people.queries import read_actor
from service.reads.open_work import opinions_in_hand
from service.user_tasks.opinions import WAYS

MOVE_OPINION = "move_opinion_of_leave"
_ROUND = select(task_opinion.c.person_id).where(task_opinion.c.round == bindparam("round"))
_ONE = select(task_opinion).where(task_opinion.c.id == bindparam("id"), task_opinion.c.answered_at.is_(None))
_ASK_INSTEAD = (
    update(task_opinion)
    .where(task_opinion.c.id == bindparam("b_id"), task_opinion.c.answered_at.is_(None))
    .values(person_id=bindparam("person"))
)
_LENT_TO = (
    select(delegation.c.delegate_id)
    .where(
        delegation.c.principal_id == bindparam("person_id"),
        delegation.c.task_id.is_(None),
        delegation.c.revoked_at.is_(None),
        delegation.c.starts_at <= bindparam("now"),
        delegation.c.ends_at > bindparam("now"),
    )
    .order_by(delegation.c.id)
)


def queue_opinions(connection: Connection, row: Any, now: datetime) -> None:
    """A message for each opinion that the person of this leave has still to give."""
    for asked in opinions_in_hand(connection, row.person_id):
        given = {"leave": row.id, "opinion": asked.opinion_id}
        key = f"{MOVE_OPINION}/{row.id}/{asked.opinion_id}"
        queue(connection, MOVE_OPINION, key, given, now, case_id=asked.case_id)


def move_opinion(connection: Connection, services: Services, row: Any, opinion_id: int, now: datetime) -> None:
    """One opinion goes to the stand-in of the leave `row` whom nothing excludes; else who asked is told.

    Nothing happens to one that was given meanwhile or that lapsed with its step.
    """
    asked = connection.execute(_ONE, {"id": opinion_id}).one_or_none()
    if asked is None or asked.person_id != row.person_id:
        return
    act = CaseAct(connection, services, current_row(connection, services, asked.task_id, now), now)
    if act.row.task_status != ("completed" if asked.way == "after" and asked.begun_at else "open"):
        return
    receiver = next(_able(act, row, asked), None)
    given = {"task": asked.task_id, "from": row.person_id, "from_name": row.name, "reason": row.reason}
    if receiver is None:
        act.note("opinion_waits_for_leave", act.row.task_element_id, **given, way=asked.way)
    else:
        connection.execute(_ASK_INSTEAD, {"b_id": asked.id, "person": receiver.person_id})
        given |= {"person": receiver.person_id, "person_name": receiver.name}
        act.note("opinion_moved_for_leave", act.row.task_element_id, **given, way=asked.way)
    record_events(act)
    _tell(act, row, asked, receiver)


def _able(act: CaseAct, row: Any, asked: Any) -> Iterator[Actor]:
    """The stand-in of this leave, then those to whom a post is lent; nobody who has part in the question already."""
    lent = act.connection.execute(_LENT_TO, {"person_id": row.person_id, "now": act.now}).scalars().all()
    others = set(act.connection.execute(_ROUND, {"round": asked.round}).scalars())
    others |= {asked.asked_by, act.row.task_assignee, act.row.task_completed_by}
    for person_id in dict.fromkeys([*([row.stand_in] if row.stand_in else []), *lent]):
        found = read_actor(act.connection, person_id, act.now) if person_id not in others else None
        if found is None or found.on_leave:
            continue
        try:
            require_askable(act, found, asked.way)
        except Refused:
            continue
        yield found


def _tell(act: CaseAct, row: Any, asked: Any, receiver: Actor | None) -> None:
    wanted = WAYS[asked.way][0]
    if receiver is None:
        told = f"您请{row.name}{wanted}，其已请假且无人可代，可另请他人或等其销假。"
        tell_people(act, [asked.asked_by], "opinion_waits_for_leave", told, sms=True)
        return
    told = f"{row.name}请假，请您代为{wanted}。{asked.question}"
    tell_people(act, [receiver.person_id], "opinion_moved_for_leave", told, sms=True)
    known = f"您请{row.name}{wanted}，其请假期间由{receiver.name}代为答复。"
    tell_people(act, [asked.asked_by], "opinion_moved_for_leave", known)
