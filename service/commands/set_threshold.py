"""At which share of an item's limits its cases turn blue and yellow; red is always the limit itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text

from service.commands.office_changes import OfficeChange, note_change
from service.database.tables import alarm_threshold, power_item
from service.database.types import Instant
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may

# One statement on both databases.
_PUT = text(
    "INSERT INTO alarm_threshold (power_item, blue_percent, yellow_percent, changed_at, changed_by, reason) "
    "VALUES (:power_item, :blue_percent, :yellow_percent, :changed_at, :changed_by, :reason) "
    "ON CONFLICT (power_item) DO UPDATE SET blue_percent = excluded.blue_percent, "
    "yellow_percent = excluded.yellow_percent, changed_at = excluded.changed_at, "
    "changed_by = excluded.changed_by, reason = excluded.reason"
).bindparams(bindparam("changed_at", type_=Instant))

_NOW = select(alarm_threshold.c.blue_percent, alarm_threshold.c.yellow_percent).where(
    alarm_threshold.c.power_item == bindparam("code")
)


@dataclass(frozen=True, slots=True)
class SetThreshold:
    power_item: str
    blue_percent: int
    yellow_percent: int
    reason: str


def set_threshold(connection: Connection, actor: Actor, command: SetThreshold, now: datetime) -> None:
    """Set the shares of an item, 1 to 99 percent, blue below yellow.

    They hold for limits that are armed or moved from now on; warnings that stand keep their instants. Raises Refused:
    not_permitted, not_found, invalid_request.
    """
    if not may(actor, "set_thresholds"):
        raise Refused("not_permitted", "您不能调整预警阈值", "Expected a level-2 supervisor or the control centre")
    if not 1 <= command.blue_percent < command.yellow_percent <= 99:
        words = ("蓝色须小于黄色，均为 1 至 99", "Blue must lie below yellow, both within 1 and 99")
        raise Refused("invalid_request", *words, [Detail("threshold_order", *words, pointer="/yellow_percent")])
    known = select(power_item.c.code).where(power_item.c.code == command.power_item, power_item.c.current.is_(True))
    if connection.execute(known).one_or_none() is None:
        raise not_found("该事项", f"power item {command.power_item}")
    before = connection.execute(_NOW, {"code": command.power_item}).one_or_none()
    after = {"blue_percent": command.blue_percent, "yellow_percent": command.yellow_percent}
    was = before and {"blue_percent": before.blue_percent, "yellow_percent": before.yellow_percent}
    note_change(
        connection,
        actor,
        OfficeChange("threshold_set", f"threshold/{command.power_item}", command.reason, was, after),
        now,
    )
    connection.execute(
        _PUT,
        {
            "power_item": command.power_item,
            "blue_percent": command.blue_percent,
            "yellow_percent": command.yellow_percent,
            "changed_at": now,
            "changed_by": actor.person_id,
            "reason": command.reason,
        },
    )
