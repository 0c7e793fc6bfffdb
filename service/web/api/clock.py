"""The testing clock. These paths exist only where the service was started for testing, on loopback."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import isodate
from marshmallow import ValidationError, validates_schema
from sqlalchemy import Connection

from service.errors import Detail, Refused
from service.web.api import other_schemas
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Count, GivenInstant, Text
from service.working_time import FIRST_YEAR, LAST_YEAR

endpoints = Endpoints("clock")


class NewNow(Body):
    now = GivenInstant(required=True)


class Advance(Body):
    """One of the two."""

    advance = Text(40)
    advance_working_days = Count(0, 3650)

    @validates_schema
    def one_of_the_two(self, given: dict[str, Any], **_more: Any) -> None:
        if (given.get("advance") is None) == (given.get("advance_working_days") is None):
            raise ValidationError("required", "advance")


@endpoints.get("/clock", answer=other_schemas.Clock(), public=True)
def read_clock(call: Call, connection: Connection) -> Answer:
    """The county's time."""
    return Answer({"now": call.now})


@endpoints.put("/clock", answer=other_schemas.Clock(), body=NewNow(), public=True, acts=False)
def put_clock(call: Call, connection: Connection) -> Answer:
    """Move the clock; it answers after everything that fell due on the way has run."""
    return _move(call, call.body["now"])


@endpoints.post("/clock", answer=other_schemas.Clock(), body=Advance(), public=True, acts=False)
def advance_clock(call: Call, connection: Connection) -> Answer:
    """Move the clock on by an ISO 8601 duration or by working days."""
    days = call.body["advance_working_days"]
    if days is None:
        return _move(call, call.now + _duration(call.body["advance"], call.now))
    calendar = call.web.services.calendars.get(connection)
    return _move(call, working_days_later(call.now, days, calendar))


def working_days_later(now: datetime, days: int, calendar: Any) -> datetime:
    """The same time of day on that working day; on the same day for 0."""
    if days == 0:
        return now
    last = calendar.local_date(calendar.add_working_days(now, days))
    local = now.astimezone(calendar.zone)
    return local.replace(year=last.year, month=last.month, day=last.day)


def _duration(text: str, now: datetime) -> timedelta:
    try:
        found = isodate.parse_duration(text)
        length: timedelta = found if isinstance(found, timedelta) else found.totimedelta(start=now)
    except (isodate.ISO8601Error, OverflowError, ValueError):
        raise _wrong(
            "/advance", "应为 ISO 8601 时长，如 PT31M", "Expected an ISO 8601 duration such as PT31M"
        ) from None
    return length


def _move(call: Call, target: datetime) -> Answer:
    if call.web.stepping is None or not FIRST_YEAR <= target.year <= LAST_YEAR:
        raise _wrong("/now", f"应在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间", f"Expected {FIRST_YEAR} to {LAST_YEAR}")
    call.web.stepping.move_to(target)
    return Answer({"now": call.web.services.clock.now()})


def _wrong(pointer: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("invalid", zh, en, pointer=pointer)])
