"""Events of acts that move no token: the chain goes on, the state stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from service.commands.act import CaseAct
from service.commands.announcing import announce
from service.commands.writing import write_added, write_outbox
from service.database.rows import write_row, write_rows
from service.database.tables import case, event
from service.errors import Refused
from service.history.chain import NewEvent, chained
from service.reads.hot import HotRow

_INSERT_EVENTS = insert(event)
_CHAIN = (
    update(case)
    .where(case.c.id == bindparam("b_id"), case.c.version == bindparam("b_version"))
    .values({name: bindparam(name) for name in ("event_seq", "event_hash", "version")})
)
_ACTORS = update(case).where(case.c.id == bindparam("b_id")).values(actors=bindparam("actors"))


def record_events(act: CaseAct) -> list[dict[str, Any]]:
    """Write the act's events, what it counts for separation, and its outbox rows; tell the subscribers."""
    row = act.row
    act.do_later()
    alarms = [
        alarm
        for subscriber in act.services.subscribers
        for alarm in subscriber(act.connection, act.facts, act.happened, act.now)
    ]
    for alarm in alarms:
        act.note("alarm_raised", alarm.get("element_id"), kind=alarm["kind"], colour=alarm["colour"], id=alarm["id"])
    announce(act)
    append_events(act.connection, row, act.events, act.now)
    if act.counted:
        write_row(act.connection, _ACTORS, {"b_id": row.case_id, "actors": act.ledger_of_actors})
    if act.pending.outbox:
        write_outbox(act)
    write_added(act)
    return alarms


def append_events(connection: Connection, row: HotRow, new: list[NewEvent], now: datetime) -> None:
    """Continue the chain of a case that is read and locked; it needs neither the case's diagram nor its state."""
    events = chained(new, case_id=row.case_id, number=row.number, at=now, last=(row.event_seq, row.event_hash))
    touched = write_row(
        connection,
        _CHAIN,
        {
            "b_id": row.case_id,
            "b_version": row.version,
            "version": row.version + 1,
            "event_seq": events[-1]["seq"],
            "event_hash": events[-1]["hash"],
        },
    )
    if touched != 1:
        raise Refused("version_conflict", "办件刚被他人改动，请刷新后重试", "Expected nobody else on the case")
    write_rows(connection, _INSERT_EVENTS, events)
