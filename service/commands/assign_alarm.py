"""An alarm is given to one supervisor, who is told: of many open ones each knows his own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from service.database.tables import alarm, person
from service.errors import Refused, not_found
from service.notices.writing import Recipient, notify
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import read_actor

_ONE = select(alarm).where(alarm.c.id == bindparam("alarm_id")).with_for_update()
_PERSON = select(person.c.id, person.c.name, person.c.mobile).where(
    person.c.username == bindparam("username"), person.c.active.is_(True)
)
_ASSIGN = (
    update(alarm)
    .where(alarm.c.id == bindparam("b_id"))
    .values(assigned_to=bindparam("assigned_to"), assigned_at=bindparam("assigned_at"))
)


def assign_alarm(connection: Connection, actor: Actor, alarm_id: int, username: str, now: datetime) -> None:
    """Level 1 assigns within its department, the county anywhere; to a supervisor who may settle it.

    Raises Refused: not_found, move_refused where it is closed or the person may not settle it.
    """
    row = connection.execute(_ONE, {"alarm_id": alarm_id}).one_or_none()
    if row is None or not _supervises(actor, row.department):
        raise not_found("该报警", f"alarm {alarm_id}")
    if row.status == "closed":
        raise Refused("move_refused", "该报警已销号", "Expected an alarm that is open")
    to = connection.execute(_PERSON, {"username": username}).one_or_none()
    taker = read_actor(connection, to.id, now) if to is not None else None
    if to is None or taker is None or not _supervises(taker, row.department) or to.id == row.person_id:
        words = (
            "只能指派给监督该部门、且与本报警无关的监察员",
            "Expected a supervisor whom it does not concern",
        )
        raise Refused("move_refused", *words)
    connection.execute(_ASSIGN, {"b_id": row.id, "assigned_to": to.id, "assigned_at": now})
    text = f"报警指派给您处置：{row.summary_zh}"
    people = [Recipient(to.name, to.mobile, to.id)]
    notify(connection, people, case_id=row.case_id, kind="alarm_assigned", text=text, now=now, sms=False)


def _supervises(actor: Actor, department: str) -> bool:
    return may(actor, "settle_alarms_of_county") or may(actor, "settle_alarms_of_department", department)
