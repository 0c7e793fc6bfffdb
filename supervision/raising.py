"""Writes alarms, once each, and tells the office: of an act by the subscriber, of a pass by `watching`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy import case as either
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from service.database.rows import read_row
from service.database.session import is_sqlite
from service.database.tables import alarm
from service.notices.writing import Recipient, add_to_outbox, notify
from service.people.queries import holders_of
from service.reads.calendar import CalendarCache

# items.yaml, meta.escalation_defaults, rung 2: the level-1 supervisor acts within four office hours.
ACT_WITHIN_OFFICE_HOURS = 4
# An alarm that goes on growing shows so many rows; its words tell how many there are.
MOST_ROWS = 50
COLOUR_NAMES = {"blue": "蓝色", "yellow": "黄色"}
_STANDING = select(alarm.c.id, alarm.c.evidence).where(
    alarm.c.subject == bindparam("subject"), alarm.c.rule == bindparam("rule"), alarm.c.colour == bindparam("colour")
)
# A closed alarm grows no more, whatever is found.
_ROWS = either((alarm.c.status == "closed", MOST_ROWS), else_=func.json_array_length(alarm.c.evidence))
_STANDING_OF = select(alarm.c.subject, alarm.c.rule, alarm.c.colour, _ROWS.label("rows")).where(
    alarm.c.subject.in_(bindparam("subjects", expanding=True)), alarm.c.rule.in_(bindparam("rules", expanding=True))
)
_GROWN = (
    update(alarm)
    .where(alarm.c.id == bindparam("b_id"), alarm.c.status != "closed")
    .values({name: bindparam(name) for name in ("evidence", "summary_zh", "summary_en")})
)
_ON_SQLITE = sqlite_insert(alarm).on_conflict_do_nothing().returning(alarm.c.id)
_ON_POSTGRESQL = postgresql_insert(alarm).on_conflict_do_nothing().returning(alarm.c.id)
# Subject, rule and colour: there is one alarm of each.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class NewAlarm:
    """An alarm as it is written; `case_id` None is one of no case, or of many."""

    kind: str
    rule: str
    rule_version: int
    colour: str
    subject: str
    cause: str
    department: str
    summary_zh: str
    summary_en: str
    evidence: Sequence[Mapping[str, Any]]
    case_id: int | None = None
    element_id: str | None = None
    person_id: int | None = None


def write_alarm(connection: Connection, calendars: CalendarCache, new: NewAlarm, now: datetime) -> int | None:
    """The alarm's id; None if it stands already."""
    act_by = None
    if new.colour == "red":
        act_by = calendars.get(connection).add_office_hours(now, ACT_WITHIN_OFFICE_HOURS)
    values = {
        "case_id": new.case_id,
        "subject": new.subject[:80],
        "kind": new.kind,
        "rule": new.rule,
        "rule_version": new.rule_version,
        "colour": new.colour,
        "status": "open",
        "raised_at": now,
        "department": new.department,
        "element_id": new.element_id,
        "person_id": new.person_id,
        "cause": new.cause[:120],
        "act_by": act_by,
        **_told(new),
    }
    found = read_row(connection, _ON_SQLITE if is_sqlite(connection) else _ON_POSTGRESQL, values)
    return None if found is None else int(found.id)


def _told(new: NewAlarm) -> dict[str, Any]:
    return {
        "summary_zh": new.summary_zh[:300],
        "summary_en": new.summary_en[:300],
        "evidence": [dict(row) for row in new.evidence[:MOST_ROWS]],
    }


def standing_alarms(connection: Connection, found: Iterable[tuple[str, str]]) -> dict[Key, int]:
    """Of alarms by (subject, rule), those that stand: how many rows of evidence each shows."""
    asked = {(subject[:80], rule) for subject, rule in found}
    values = {"subjects": sorted({subject for subject, _ in asked}), "rules": sorted({rule for _, rule in asked})}
    rows = connection.execute(_STANDING_OF, values) if asked else ()
    return {(row.subject, row.rule, row.colour): int(row.rows or 0) for row in rows}


def let_grow(connection: Connection, new: NewAlarm) -> bool:
    """An alarm that stands has seen more since: its evidence and words follow. Whether it had."""
    key = {"subject": new.subject[:80], "rule": new.rule, "colour": new.colour}
    standing = connection.execute(_STANDING, key).one()
    if len(standing.evidence) >= min(len(new.evidence), MOST_ROWS):
        return False
    connection.execute(_GROWN, {"b_id": standing.id, **_told(new)})
    return True


def order_it(connection: Connection, alarm_id: int, case_id: int | None, now: datetime) -> None:
    """A red alarm asks for an order, in a transaction of its own."""
    add_to_outbox(connection, "start_order", f"start_order/{alarm_id}", {"alarm_id": alarm_id}, now, case_id=case_id)


def tell(
    connection: Connection, new: NewAlarm, people: Sequence[tuple[int, str, str | None]], about: str, now: datetime
) -> None:
    """A notice in the product to these people; with yellow, to the head of section as well."""
    told = list(people)
    if new.colour == "yellow":
        told += holders_of(connection, "section", new.department)
    notify(
        connection,
        [Recipient(name, mobile, person_id) for person_id, name, mobile in dict.fromkeys(told)],
        case_id=new.case_id,
        kind=f"alarm_{new.colour}",
        text=f"{COLOUR_NAMES[new.colour]}预警 {about}：{new.summary_zh}",
        now=now,
        sms=False,
    )
