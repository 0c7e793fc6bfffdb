"""A day of the county's calendar becomes a holiday, a rest day or a working day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update
from sqlalchemy.types import Date

from service.commands.services import Services
from service.database.tables import calendar_day, setting
from service.errors import Refused
from service.people.actor import Actor
from service.people.permissions import may
from service.working_time import FIRST_YEAR, LAST_YEAR

_PUT = text(
    "INSERT INTO calendar_day (day, kind, name) VALUES (:day, :kind, :name) "
    "ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, name = excluded.name"
).bindparams(bindparam("day", type_=Date))
_VERSION = select(setting.c.content).where(setting.c.name == "calendar_version").with_for_update()


@dataclass(frozen=True, slots=True)
class EditDay:
    """`kind` None makes it an ordinary day again: a working day from Monday to Friday."""

    day: date
    kind: str | None
    name: str


def edit_day(connection: Connection, services: Services, actor: Actor, command: EditDay) -> None:
    """Change one day; every process sees it with its next act. Instants that are armed already stay.

    In a year whose notice is not in, a holiday is kept as a rest day: one holiday alone must not make the table
    believe that the whole notice is there (working_time.day_table).
    Raises Refused: not_permitted, invalid_request for a day beyond the table.
    """
    if not may(actor, "edit_calendar"):
        raise Refused("not_permitted", "只有系统管理员可以修改日历", "Expected a system administrator")
    if not FIRST_YEAR <= command.day.year <= LAST_YEAR:
        raise Refused(
            "invalid_request",
            f"日历只含 {FIRST_YEAR} 至 {LAST_YEAR} 年",
            f"Expected a day from {FIRST_YEAR} to {LAST_YEAR}",
        )
    if command.kind is None:
        connection.execute(delete(calendar_day).where(calendar_day.c.day == command.day))
    else:
        provisional = services.calendars.get(connection).is_provisional(command.day.year)
        kind = "rest" if provisional and command.kind == "holiday" else command.kind
        connection.execute(_PUT, {"day": command.day, "kind": kind, "name": command.name})
    _count_version(connection)


def _count_version(connection: Connection) -> None:
    version = connection.execute(_VERSION).scalar_one_or_none()
    if version is None:
        connection.execute(insert(setting).values(name="calendar_version", content=1))
    else:
        connection.execute(update(setting).where(setting.c.name == "calendar_version").values(content=int(version) + 1))
