"""授权阅件: a leader lets somebody read one case who has no right to it, until a day; supervision sees to whom and why.

It opens that case alone, to read and nothing else: what is done in it asks for posts as ever, and a caller who wants to
stay unknown stays so. It comes with a copy to read, so that it stands in the reader's list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from service.commands.act import CaseAct
from service.commands.fire_timers import current
from service.commands.moving import other_person
from service.commands.office_changes import stated
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import case_copy, case_reader, person
from service.errors import Detail, Refused, not_found
from service.notices.writing import Recipient, notify
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import hot_by_number
from service.reads.visibility import reads_case

LONGEST_DAYS: Final = 90
_KNOWN = select(person.c.id, person.c.name, person.c.mobile).where(
    person.c.username == bindparam("username"), person.c.active.is_(True)
)
_END = (
    update(case_reader)
    .where(
        case_reader.c.id == bindparam("b_id"),
        case_reader.c.case_id == bindparam("b_case"),
        case_reader.c.ended_at.is_(None),
        case_reader.c.reads_until > bindparam("now"),
    )
    .values(ended_at=bindparam("now"), ended_by=bindparam("by"))
    .returning(case_reader.c.person_id)
)


@dataclass(frozen=True, slots=True)
class LetRead:
    """`username` is the reader's; `until` the last day on which he reads the case."""

    number: str
    username: str
    until: date
    reason: str


def let_read(connection: Connection, services: Services, actor: Actor, command: LetRead, now: datetime) -> None:
    """Let somebody read the case until the end of a day.

    Raises Refused: not_found, not_permitted, invalid_request, move_refused for who reads it anyway.
    """
    act = _act(connection, services, actor, command.number, now)
    reason = stated(command.reason)
    reader = connection.execute(_KNOWN, {"username": command.username.strip()}).one_or_none()
    if reader is None:
        words = "没有这个工号", "Expected the user name of somebody who is active"
        raise Refused("invalid_request", *words, [Detail("not_found", *words, pointer="/username")])
    if not act.today <= command.until <= act.today + timedelta(days=LONGEST_DAYS):
        words = f"止日自今日起最长 {LONGEST_DAYS} 天", f"Expected a day within {LONGEST_DAYS} days from today"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/until")])
    found = other_person(act, reader.id, "/username")
    if reads_case(connection, found, act.row.case_id, act.row.case_department, now=now):
        raise Refused("move_refused", f"{reader.name}本来可以查看本件", "Expected somebody who does not read the case")
    until = datetime.combine(command.until + timedelta(days=1), time(), act.calendar.zone)
    row: dict[str, Any] = {"case_id": act.row.case_id, "person_id": reader.id, "granted_by": actor.person_id}
    connection.execute(insert(case_reader), {**row, "granted_at": now, "reads_until": until, "reason": reason})
    copy = {"case_id": act.row.case_id, "person_id": reader.id, "sent_by": actor.person_id, "sent_at": now}
    connection.execute(insert(case_copy), {**copy, "note": reason})
    act.record("reading_allowed", None, person=reader.name, until=command.until.isoformat(), reason=reason)
    record_events(act)
    text = f"办件 {act.row.number}：{actor.name}授权您阅件，至 {command.until.isoformat()} 止。{reason}"
    people = [Recipient(reader.name, reader.mobile, reader.id)]
    notify(connection, people, case_id=act.row.case_id, kind="reading_allowed", text=text, now=now, sms=False)


def end_reading(
    connection: Connection, services: Services, actor: Actor, number: str, reader_id: int, now: datetime
) -> None:
    """Take the right back before its day. Raises Refused: not_found, not_permitted."""
    act = _act(connection, services, actor, number, now)
    values = {"b_id": reader_id, "b_case": act.row.case_id, "now": now, "by": actor.person_id}
    ended = connection.execute(_END, values).scalar_one_or_none()
    if ended is None:
        raise not_found("该阅件授权", f"a right to read {reader_id} in force")
    name = connection.execute(select(person.c.name).where(person.c.id == ended)).scalar_one()
    act.record("reading_ended", None, person=name)
    record_events(act)


def _act(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> CaseAct:
    """An act on an item's case, open or done. Who does not read the case is told that there is none."""
    row = current(connection, services, lambda: hot_by_number(connection, number), now)
    if (
        row is None
        or row.kind != "item"
        or not reads_case(connection, actor, row.case_id, row.case_department, now=now)
    ):
        raise not_found("该办件", f"case {number}")
    if not may(actor, "let_read_cases", row.case_department):
        raise Refused("not_permitted", "授权阅件由本部门负责人决定", "Expected a vice head or head of the department")
    return CaseAct(connection, services, row, now, actor)
