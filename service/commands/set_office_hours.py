"""The hours at which a window is open, from a day to come on; what is worked until then stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from service.commands.calendar_versions import fence, next_version, recount_later
from service.commands.office_changes import OfficeChange, note_change, stated
from service.commands.services import Services
from service.database.tables import department, office_window, power_item
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.calendar import HoursChange
from service.working_time import LAST_YEAR, OfficeHours

CHANGED = "office_hours_changed"
MOST_SPANS = 6
_OF = and_(
    office_window.c.department == bindparam("b_department"),
    office_window.c.place == bindparam("b_place"),
    office_window.c.effective_on == bindparam("b_effective_on"),
)
_THERE = select(office_window).where(_OF)
_OTHERS = select(office_window.c.place, office_window.c.power_items).where(
    office_window.c.department == bindparam("department"), office_window.c.place != bindparam("place")
)


@dataclass(frozen=True, slots=True)
class SetOfficeHours:
    """`hours` like 09:00-12:00. An empty department means the county, an empty place a department's main window;
    `items` are those that another window of the department handles."""

    department: str
    place: str
    items: Sequence[str]
    effective_on: date
    hours: Sequence[str]
    reason: str


def set_office_hours(
    connection: Connection, services: Services, actor: Actor, command: SetOfficeHours, now: datetime
) -> int:
    """Set them, and count every open limit that runs beyond that day anew; the number of the change in the book.

    Raises Refused: not_permitted, invalid_request, calendar_busy.
    """
    if not may(actor, "edit_calendar"):
        raise Refused("not_permitted", "只有系统管理员可以修改办公时间", "Expected a system administrator")
    reason = stated(command.reason)
    fence(connection)
    wanted_hours(connection, services, command, now)
    before = _put(connection, command)
    after = {**_content(command), "version": next_version(connection)}
    subject = f"office_hours/{command.department or '-'}"
    change_id = note_change(connection, actor, OfficeChange(CHANGED, subject, reason, before, after), now)
    recount_later(connection, services.settings.zone, change_id, command.effective_on, date(LAST_YEAR, 12, 31), now)
    return change_id


def wanted_hours(connection: Connection, services: Services, command: SetOfficeHours, now: datetime) -> HoursChange:
    """What the command comes to, checked; also what a preview of it shows. Raises Refused invalid_request."""
    _require_window(connection, command)
    today = services.calendars.get(connection).local_date(now)
    if not today < command.effective_on <= date(LAST_YEAR, 12, 31):
        words = "办公时间自明日或以后起变更", "Expected a day after today"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/effective_on")])
    items = tuple(command.items)
    return HoursChange(command.department, command.place, items, command.effective_on, tuple(command.hours))


def _require_window(connection: Connection, command: SetOfficeHours) -> None:
    faults = []
    known = select(department.c.code).where(department.c.code == command.department)
    if command.department and connection.execute(known).first() is None:
        faults.append(
            Detail("unknown_department", "没有这个部门", "There is no such department", pointer="/department")
        )
    if bool(command.items) != bool(command.place) or (command.place and not command.department):
        words = "另设的窗口须写明部门、地点和办理事项", "Another window needs a department, a place and its items"
        faults.append(Detail("window_incomplete", *words, pointer="/place"))
    faults += _item_faults(connection, command)
    try:
        OfficeHours.parse(command.hours[:MOST_SPANS])
    except ValueError:
        words = "办公时间应如 09:00-12:00，先后有序、互不重叠", "Expected hours such as 09:00-12:00, in order and apart"
        faults.append(Detail("wrong_hours", *words, pointer="/hours"))
    if faults:
        raise Refused("invalid_request", faults[0].message, faults[0].message_en, faults)


def _item_faults(connection: Connection, command: SetOfficeHours) -> list[Detail]:
    mine = select(power_item.c.code).where(
        power_item.c.current.is_(True), power_item.c.department == command.department
    )
    unknown = sorted(set(command.items) - set(connection.execute(mine).scalars()))
    faults = []
    if unknown:
        words = f"本部门没有事项：{'、'.join(unknown)}", f"The department has no item {', '.join(unknown)}"
        faults.append(Detail("unknown_item", *words, pointer="/items"))
    others = connection.execute(_OTHERS, {"department": command.department, "place": command.place})
    twice = sorted({item for row in others for item in row.power_items} & set(command.items))
    if twice:
        words = f"事项已属另一窗口：{'、'.join(twice)}", f"Another window handles {', '.join(twice)}"
        faults.append(Detail("item_twice", *words, pointer="/items"))
    return faults


def _put(connection: Connection, command: SetOfficeHours) -> Mapping[str, Any] | None:
    """What stood there for that day."""
    key = {
        "b_department": command.department,
        "b_place": command.place,
        "b_effective_on": command.effective_on,
    }
    row = connection.execute(_THERE, key).one_or_none()
    values = {"power_items": list(command.items), "hours": list(command.hours)}
    if row is None:
        own = {name.removeprefix("b_"): value for name, value in key.items()}
        connection.execute(insert(office_window), {**own, **values})
        return None
    connection.execute(update(office_window).where(_OF).values(values), key)
    return {"effective_on": row.effective_on.isoformat(), "items": row.power_items, "hours": row.hours}


def _content(command: SetOfficeHours) -> dict[str, Any]:
    return {
        "department": command.department,
        "place": command.place,
        "items": list(command.items),
        "effective_on": command.effective_on.isoformat(),
        "hours": list(command.hours),
    }
