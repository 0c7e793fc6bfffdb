"""From 1 November on: the State Council's notice of next year's holidays is not entered yet; who is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from service.commands.calendar_versions import queue
from service.commands.services import Services
from service.notices.writing import Recipient, notify
from service.people.queries import holders_of

KIND = "calendar_notice_missing"
# DOMAIN: 3: an alarm on 1 November; then again each week until the notice is entered.
_MONTH, _AT, _AGAIN = 11, time(9), timedelta(days=7)
# The system administrator enters it; the centre and level 2 see that it is done.
_POSTS = ("sysadmin", "centre", "sup2")
_TEXT = (
    "{year} 年的国务院放假通知尚未录入工作日历。{year} 年的时限按周末和法定节假日暂计，请尽快录入；"
    "录入后未到期的时限自动重算。"
)


def watch_for_notice(connection: Connection, services: Services, now: datetime) -> None:
    """See that somebody is told on 1 November if next year's notice is missing then. Asking again changes nothing."""
    calendar = services.calendars.get(connection)
    today = calendar.local_date(now)
    if not calendar.is_provisional(today.year + 1):
        return
    at = datetime.combine(date(today.year, _MONTH, 1), _AT, tzinfo=calendar.zone)
    key = f"{KIND}/{today.year + 1}"
    queue(connection, KIND, key, {"year": today.year + 1}, now, at=max(at, now))


def remind_of_notice(connection: Connection, services: Services, payload: Mapping[str, Any], now: datetime) -> None:
    """Outbox message: tell them, unless the notice has come; and again in a week."""
    year, calendar = int(payload["year"]), services.calendars.get(connection)
    if not calendar.is_provisional(year) or calendar.local_date(now).year > year:
        return
    people = {
        one[0]: Recipient(one[1], one[2], one[0]) for post in _POSTS for one in holders_of(connection, post, None)
    }
    text = _TEXT.format(year=year)
    notify(connection, people.values(), case_id=None, kind=KIND, text=text, now=now, sms=True)
    again = now + _AGAIN
    queue(connection, KIND, f"{KIND}/{year}/{calendar.local_date(again)}", {"year": year}, now, at=again)
