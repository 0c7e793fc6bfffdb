"""The working calendar: its days, what a change would move, and changes with their reason and history."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.edit_calendar import EditCalendar, edit_calendar, effective_days
from service.commands.set_office_hours import SetOfficeHours, set_office_hours, wanted_hours
from service.errors import not_found
from service.reads.calendar import DayChange, DayChanges
from service.reads.calendar_changes import list_calendar_changes, read_calendar_change
from service.reads.calendar_preview import preview_calendar, preview_office_hours
from service.reads.office_hours import list_hours_changes, list_office_hours
from service.reads.people import read_day
from service.web.api import other_schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Day, GivenDay, Instant, Named, Several, Text, View
from service.web.api.schemas import page_of
from service.working_time import FIRST_YEAR, LAST_YEAR

endpoints = Endpoints("calendar")
_KINDS = ("holiday", "rest", "makeup", "workday", "ordinary")


class NewDay(Body):
    """`ordinary` takes an exception back; without a reason the name stands for one."""

    kind = Choice(*_KINDS, required=True)
    name = Text(80, required=True)
    reason = Text(500)


class GivenDayKind(Body):
    day = GivenDay(required=True)
    kind = Choice(*_KINDS, required=True)
    name = Text(80, required=True)


class CalendarDraft(Body):
    """Days that would change. `notice` is the year, if this is the State Council's notice of it."""

    days = Several(fields.Nested(GivenDayKind), required=True)
    notice = Count(FIRST_YEAR, LAST_YEAR)


class NewCalendarChange(CalendarDraft):
    reason = Text(500, required=True)


class MovedLimitView(View):
    case_number = fields.String()
    department = fields.String()
    role = fields.String()
    step_id = fields.String()
    step_name = Named(attribute="step")
    due_at = Instant(allow_none=True)
    new_due_at = Instant(allow_none=True)
    passes_at_once = fields.Boolean()


class PreviewView(View):
    items = fields.List(fields.Nested(MovedLimitView))
    total = fields.Integer()
    next = fields.String(allow_none=True)
    cases = fields.Integer()
    later = fields.Integer()
    earlier = fields.Integer()
    standing_still = fields.Integer()
    passes_at_once = fields.Integer()


class DayKindView(View):
    kind = fields.String()
    name = fields.String()


class ChangedDayView(View):
    day = Day()
    before = fields.Nested(DayKindView, allow_none=True)
    after = fields.Nested(DayKindView, allow_none=True)


class CalendarChangeView(View):
    id = fields.Integer()
    at = Instant()
    actor = fields.String(allow_none=True)
    reason = fields.String()
    notice = fields.Integer(allow_none=True)
    days = fields.List(fields.Nested(ChangedDayView))


class HoursDraft(Body):
    """No department: the county. A place with its items is another window of the department."""

    department = Text(16)
    place = Text(80)
    items = Several(Text(40), load_default=list)
    effective_on = GivenDay(required=True)
    hours = Several(Text(11), required=True)


class NewHours(HoursDraft):
    reason = Text(500, required=True)


class WindowHoursView(View):
    department = fields.String()
    department_name = Named()
    place = fields.String()
    items = fields.List(fields.String())
    effective_on = Day(allow_none=True)
    hours = fields.List(fields.String())


class WindowsView(View):
    items = fields.List(fields.Nested(WindowHoursView))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class HoursChangeView(View):
    id = fields.Integer()
    at = Instant()
    actor = fields.String(allow_none=True)
    reason = fields.String()
    department = fields.String()
    place = fields.String()
    effective_on = Day()
    before = fields.List(fields.String())
    hours = fields.List(fields.String())


class DoneView(View):
    """`change` is None where the calendar was like that already."""

    change = fields.Nested(CalendarChangeView, allow_none=True)


def _days(given: list[dict[str, Any]]) -> DayChanges:
    return {
        one["day"]: None if one["kind"] == "ordinary" else DayChange(one["kind"], one["name"].strip()) for one in given
    }


@endpoints.get("/calendar/<day:day>", answer=other_schemas.CalendarDay(), codes=("not_found",))
def read_calendar_day(call: Call, connection: Connection, day: date) -> Answer:
    """Whether the office works on a day, and why."""
    return Answer(_day(call, connection, day))


def _day(call: Call, connection: Connection, day: date) -> object:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise not_found("该日", f"a day from {FIRST_YEAR} to {LAST_YEAR}")
    return read_day(connection, call.web.services.calendars.get(connection), day)


@endpoints.put(
    "/calendar/<day:day>",
    answer=other_schemas.CalendarDay(),
    body=NewDay(),
    permission="edit_calendar",
    codes=("not_found", "calendar_busy"),
)
def change_calendar_day(call: Call, connection: Connection, day: date) -> Answer:
    """Make a day a holiday, a rest day or a working day; open limits are counted anew."""
    body = call.body
    command = EditCalendar(_days([{"day": day, **body}]), body.get("reason") or body["name"])
    edit_calendar(connection, call.web.services, call.actor, command, call.now)
    return Answer(_day(call, connection, day))


@endpoints.post(
    "/calendar/preview",
    answer=PreviewView(),
    body=CalendarDraft(),
    query=PageQuery(),
    permission="edit_calendar",
    acts=False,
    codes=("invalid_request",),
)
def preview_change(call: Call, connection: Connection) -> Answer:
    """Every open limit that these days would move, with its old and new due instant; nothing is changed."""
    command = EditCalendar(_days(call.body["days"]), "", call.body.get("notice"))
    days = effective_days(connection, call.web.services, command)
    return Answer(preview_calendar(connection, call.web.services.bundles, days, call.now, asked_page(call)))


@endpoints.post(
    "/calendar/changes",
    answer=DoneView(),
    body=NewCalendarChange(),
    status=201,
    permission="edit_calendar",
    codes=("invalid_request", "calendar_busy"),
)
def change_calendar(call: Call, connection: Connection) -> Answer:
    """Change the days; every open limit that they lie in is counted anew, case by case."""
    body = call.body
    command = EditCalendar(_days(body["days"]), body["reason"], body.get("notice"))
    change_id = edit_calendar(connection, call.web.services, call.actor, command, call.now)
    return Answer({"change": None if change_id is None else read_calendar_change(connection, change_id)})


@endpoints.get("/calendar/changes", answer=page_of(CalendarChangeView()), query=PageQuery())
def find_changes(call: Call, connection: Connection) -> Answer:
    """Changes of the calendar, the newest first."""
    return Answer(list_calendar_changes(connection, asked_page(call)))


@endpoints.get("/office-hours", answer=WindowsView())
def read_office_hours(call: Call, connection: Connection) -> Answer:
    """The hours of the county and of its windows, each from a day on."""
    return Answer(_windows(connection))


def _windows(connection: Connection) -> dict[str, Any]:
    items = list_office_hours(connection)
    return {"items": items, "total": len(items), "next": None}


@endpoints.post(
    "/office-hours",
    answer=WindowsView(),
    body=NewHours(),
    status=201,
    permission="edit_calendar",
    codes=("invalid_request", "calendar_busy"),
)
def change_office_hours(call: Call, connection: Connection) -> Answer:
    """Set the hours of the county or of a window from a day to come on; open limits are counted anew."""
    set_office_hours(connection, call.web.services, call.actor, _hours(call.body), call.now)
    return Answer(_windows(connection))


def _hours(body: dict[str, Any]) -> SetOfficeHours:
    place = (body.get("place") or "").strip()
    given = body["items"], body["effective_on"], body["hours"], body.get("reason", "")
    return SetOfficeHours(body.get("department") or "", place, *given)


@endpoints.post(
    "/office-hours/preview",
    answer=PreviewView(),
    body=HoursDraft(),
    query=PageQuery(),
    permission="edit_calendar",
    acts=False,
    codes=("invalid_request",),
)
def preview_hours(call: Call, connection: Connection) -> Answer:
    """Every open limit that these hours would move, with its old and new due instant; nothing is changed."""
    services = call.web.services
    wanted = wanted_hours(connection, services, _hours(call.body), call.now)
    return Answer(preview_office_hours(connection, services.bundles, wanted, call.now, asked_page(call)))


@endpoints.get("/office-hours/changes", answer=page_of(HoursChangeView()), query=PageQuery())
def find_hours_changes(call: Call, connection: Connection) -> Answer:
    """Changes of the hours, the newest first."""
    return Answer(list_hours_changes(connection, asked_page(call)))
