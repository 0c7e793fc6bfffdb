"""An incident is settled: somebody has looked after its cause, and what it held up is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from service.commands.recording import append_events
from service.database.tables import incident
from service.errors import Detail, Refused, not_found
from service.history.chain import NewEvent
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import hot_by_id
from service.timers.due import rearm

_CASE_OF = select(incident.c.case_id).where(incident.c.id == bindparam("id"))
_SETTLE = (
    update(incident)
    .where(incident.c.id == bindparam("b_id"), incident.c.status == "open")
    .values(status="settled")
    .returning(incident.c.during, incident.c.element_id)
)


@dataclass(frozen=True, slots=True)
class SettleIncident:
    incident_id: int
    reason: str


def settle_incident(connection: Connection, actor: Actor, command: SettleIncident, now: datetime) -> int:
    """Settle it and give the case's timers that were held up back to the sweep; how many timers that are.

    The case's state is not read, since it may be what is broken. One that fails again becomes a new incident.
    Raises Refused: not_permitted, invalid_request, not_found, incident_settled.
    """
    if not may(actor, "settle_incidents"):
        raise Refused("not_permitted", "只有系统管理员可以处理系统故障", "Expected a system administrator")
    if not command.reason.strip():
        words = "请写明怎样排除了故障", "Say what was done about the cause"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/reason")])
    case_id = connection.execute(_CASE_OF, {"id": command.incident_id}).scalar_one_or_none()
    # The case first, as every act locks it.
    row = hot_by_id(connection, case_id) if case_id is not None else None
    if row is None:
        raise not_found("该故障", f"incident {command.incident_id}")
    settled = connection.execute(_SETTLE, {"b_id": command.incident_id}).one_or_none()
    if settled is None:
        raise Refused("incident_settled", "该故障已处理", "Expected an open incident, but this one is settled")
    timers = rearm(connection, row.case_id) if settled.during == "timer" else 0
    payload = {"incident": command.incident_id, "during": settled.during, "reason": command.reason, "timers": timers}
    told = NewEvent("incident_settled", settled.element_id, payload, actor.person_id, actor.name, None, "sysadmin")
    append_events(connection, row, [told], now)
    return timers
