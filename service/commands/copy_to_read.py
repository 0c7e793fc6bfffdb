"""A case is copied to people to read (抄送): an item of their list, with the instant at which they opened it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from service.commands.act import CaseAct
from service.commands.moving import begin_move, other_person
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.telling_people import tell_people
from service.database.tables import case, case_copy
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.reads.visibility import may_read_case

MOST_READERS = 50
_COPY = insert(case_copy).inline()
_UNREAD = select(case_copy.c.person_id).where(
    case_copy.c.case_id == bindparam("case_id"), case_copy.c.read_at.is_(None)
)
_OWN = (
    select(case_copy.c.id, case_copy.c.read_at, case.c.number)
    .join(case, case.c.id == case_copy.c.case_id)
    .where(case_copy.c.id == bindparam("copy_id"), case_copy.c.person_id == bindparam("person_id"))
)
_READ = update(case_copy).where(case_copy.c.id == bindparam("b_id")).values(read_at=bindparam("now"))


@dataclass(frozen=True, slots=True)
class CopyToRead:
    """`people` are ids of persons; `note` what they are to look at."""

    task_id: str
    people: Sequence[int]
    note: str


def copy_to_read(connection: Connection, services: Services, actor: Actor, command: CopyToRead, now: datetime) -> None:
    """Whoever has the task sends the case to people who may read it anyway: a copy opens no door.

    Who has one that is not read yet gets no second. Raises Refused: those of `begin_move`, not_permitted.
    """
    act = begin_move(connection, services, actor, "copy", command.task_id, command.note, now)
    readers = _readers(act, command.people)
    unread = set(connection.execute(_UNREAD, {"case_id": act.row.case_id}).scalars())
    fresh = [one for one in readers if one.person_id not in unread]
    if not fresh:
        return
    note = command.note.strip()
    row = {"case_id": act.row.case_id, "sent_by": actor.person_id, "sent_at": now, "note": note}
    connection.execute(_COPY, [{**row, "person_id": one.person_id} for one in fresh])
    act.record("case_copied", act.row.task_element_id, people=[one.name for one in fresh], reason=note)
    record_events(act)
    tell_people(act, [one.person_id for one in fresh], "case_copied", f"{actor.name}抄送您阅。{note}")


def read_copy(connection: Connection, actor: Actor, copy_id: int, now: datetime) -> str:
    """The case's number; the first time is kept. Raises Refused not_found for who did not receive it."""
    row = connection.execute(_OWN, {"copy_id": copy_id, "person_id": actor.person_id}).one_or_none()
    if row is None:
        raise not_found("该抄送件", f"copy {copy_id}")
    if row.read_at is None:
        connection.execute(_READ, {"b_id": row.id, "now": now})
    return str(row.number)


def _readers(act: CaseAct, people: Sequence[int]) -> list[Actor]:
    ids = list(dict.fromkeys(people))
    if not 1 <= len(ids) <= MOST_READERS:
        words = f"请选择 1 至 {MOST_READERS} 人", f"Choose from 1 to {MOST_READERS} people"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/people")])
    readers = [other_person(act, one, "/people") for one in ids]
    for one in readers:
        if not may_read_case(one, act.row.case_department, act.row.kind):
            raise Refused("not_permitted", f"{one.name}无权查看本件", f"Expected a reader of the case: {one.name}")
    return readers
