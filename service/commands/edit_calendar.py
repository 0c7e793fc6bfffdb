"""Days of the county's calendar become holidays, rest days or working days; every open limit is then counted anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, text
from sqlalchemy.types import Date

from service.commands.calendar_versions import fence, next_version, recount_later
from service.commands.office_changes import OfficeChange, note_change, stated
from service.commands.services import Services
from service.database.tables import calendar_day, office_change
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.calendar import DayChange, DayChanges, read_days
from service.working_time import FIRST_YEAR, LAST_YEAR, statutory_days

MOST_DAYS = 400
# A notice may close days on either side of its year.
_BESIDE_THE_YEAR = timedelta(days=31)
CHANGED, NOTICED = "calendar_changed", "calendar_noticed"
_PUT = text(
    "INSERT INTO calendar_day (day, kind, name) VALUES (:day, :kind, :name) "
    "ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, name = excluded.name"
).bindparams(bindparam("day", type_=Date))
_DELETE = delete(calendar_day).where(calendar_day.c.day == bindparam("b_day"))
_EARLIER_NOTICES = (
    select(office_change.c.after)
    .where(office_change.c.kind == NOTICED, office_change.c.subject == bindparam("subject"))
    .order_by(office_change.c.id)
)


@dataclass(frozen=True, slots=True)
class EditCalendar:
    """`days` by date; None makes a day an ordinary one again. `notice` names the year whose State Council notice
    this is: then it must hold every statutory holiday of that year, and takes the place of an earlier notice of it."""

    days: DayChanges
    reason: str
    notice: int | None = None


def edit_calendar(
    connection: Connection, services: Services, actor: Actor, command: EditCalendar, now: datetime
) -> int | None:
    """Change the days and count every open limit that they lie in anew, case by case, after this transaction.

    The number of the change in the book; None where the calendar is like that already. Every act that begins after the
    commit counts by the new days. Raises Refused: not_permitted, invalid_request, calendar_busy.
    """
    if not may(actor, "edit_calendar"):
        raise Refused("not_permitted", "只有系统管理员可以修改日历", "Expected a system administrator")
    reason = stated(command.reason)
    fence(connection)
    days = effective_days(connection, services, command)
    before = read_days(connection, days)
    days = {day: change for day, change in days.items() if before.get(day) != change}
    if not days:
        return None
    _write(connection, days)
    year = command.notice
    change = OfficeChange(
        NOTICED if year else CHANGED,
        f"calendar/{year or min(days).year}",
        reason,
        before={"days": {day.isoformat(): _said(before.get(day)) for day in sorted(days)}},
        after={
            "days": {day.isoformat(): _said(days[day]) for day in sorted(days)},
            "version": next_version(connection),
        },
    )
    change_id = note_change(connection, actor, change, now)
    recount_later(connection, services.settings.zone, change_id, min(days), max(days), now)
    return change_id


def effective_days(connection: Connection, services: Services, command: EditCalendar) -> DayChanges:
    """What the command comes to, checked; also what a preview of it shows.

    In a year whose notice is not in, a holiday is kept as a rest day: one holiday alone must not make the table
    believe that the whole notice is there (working_time.day_table).
    """
    _require_days(command)
    if command.notice is not None:
        _require_notice(command.notice, command.days)
        return {**_given_up(connection, command), **command.days}
    calendar = services.calendars.get(connection)
    return {
        day: DayChange("rest", change.name)
        if change is not None and change.kind == "holiday" and calendar.is_provisional(day.year)
        else change
        for day, change in command.days.items()
    }


def _require_days(command: EditCalendar) -> None:
    if not 0 < len(command.days) <= MOST_DAYS:
        words = f"一次修改 1 至 {MOST_DAYS} 天", f"Expected 1 to {MOST_DAYS} days"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/days")])
    if any(not FIRST_YEAR <= day.year <= LAST_YEAR for day in command.days):
        words = f"日历只含 {FIRST_YEAR} 至 {LAST_YEAR} 年", f"Expected days from {FIRST_YEAR} to {LAST_YEAR}"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/day")])


def _require_notice(year: int, days: DayChanges) -> None:
    """A notice names all statutory holidays of its year (全国年节及纪念日放假办法 Art. 2), and no day far from it."""
    off = {day for day, change in days.items() if change is not None and change.kind in ("holiday", "rest")}
    missing = [f"{name} {day.isoformat()}" for day, name in statutory_days(year) if day not in off]
    first, last = date(year, 1, 1) - _BESIDE_THE_YEAR, date(year, 12, 31) + _BESIDE_THE_YEAR
    if missing:
        said = "、".join(missing)
        words = f"放假通知缺少法定节假日：{said}", f"Expected every statutory holiday, but these lack: {said}"
        raise Refused("invalid_request", *words, [Detail("holiday_missing", *words, pointer="/days")])
    if any(not first <= day <= last for day in days):
        words = "放假通知只能含当年的日期", "Expected days of the notice's year"
        raise Refused("invalid_request", *words, [Detail("range", *words, pointer="/days")])


def _given_up(connection: Connection, command: EditCalendar) -> DayChanges:
    """The days of earlier notices of the year that this one does not name are ordinary again.

    The book keeps of each notice what it changed, so a day that two of them named stands in the first alone.
    """
    named: dict[str, object] = {}
    for after in connection.execute(_EARLIER_NOTICES, {"subject": f"calendar/{command.notice}"}).scalars():
        named |= after["days"]
    return {date.fromisoformat(day): None for day, said in named.items() if said is not None}


def _said(change: DayChange | None) -> Mapping[str, str] | None:
    return None if change is None else {"kind": change.kind, "name": change.name}


def _write(connection: Connection, days: DayChanges) -> None:
    for day, change in days.items():
        if change is None:
            connection.execute(_DELETE, {"b_day": day})
        else:
            connection.execute(_PUT, {"day": day, "kind": change.kind, "name": change.name})
