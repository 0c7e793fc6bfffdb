"""The reminder at half past nine (监察日志): once a working day, to those with work due who have not been there yet."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import Connection, bindparam, select

from service.commands.services import Services
from service.database.tables import person
from service.notices.writing import Recipient, notify
from service.reads.attendance import Span, attendance_of
from supervision.watching import claim_pass

NAME = "attendance"
AT = time(9, 30)
_MOBILES = select(person.c.id, person.c.name, person.c.mobile).where(
    person.c.id.in_(bindparam("people", expanding=True)), person.c.active.is_(True)
)


def remind_absent(connection: Connection, services: Services, now: datetime) -> int:
    """Tell each of them by SMS, once that day whoever looks and however often; how many were told."""
    calendar = services.calendars.get(connection)
    local = now.astimezone(calendar.zone)
    begins = datetime.combine(local.date(), AT, calendar.zone)
    if local < begins or not calendar.is_workday(local.date()):
        return 0
    if not claim_pass(connection, NAME, timedelta(days=1), begins):
        return 0
    found = attendance_of(connection, calendar, Span(local.date(), local.date()))
    absent = {one.person_id: one.due for one in found if not one.online}
    rows = connection.execute(_MOBILES, {"people": sorted(absent)}).all() if absent else []
    for row in rows:
        text = f"【监察提醒】您有 {absent[row.id]} 件办件今天到期或已超期，今天尚未登录办理。"
        people = [Recipient(row.name, row.mobile, row.id)]
        notify(connection, people, case_id=None, kind="attendance_reminder", text=text, now=now, sms=True)
    return len(rows)
