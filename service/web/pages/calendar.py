"""The working calendar: its months, a change with what it would move, the State Council's notice, the history."""

from __future__ import annotations

import calendar as gregorian
from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.edit_calendar import MOST_DAYS, EditCalendar, edit_calendar, effective_days
from service.errors import Detail, Refused
from service.people.permissions import may
from service.reads.calendar import DayChange, DayChanges
from service.reads.calendar_changes import list_calendar_changes, read_recounting
from service.reads.calendar_preview import preview_calendar
from service.reads.months import days_of_month
from service.reads.people import DayView
from service.web.context import context
from service.web.given import given_day, whole_number
from service.web.pages import words
from service.web.pages.shell import act, ask, asked, back, calendar, pages, refusal_view, require, today
from service.web.pages.words import say
from service.web.request import now, require_actor
from service.working_time import FIRST_YEAR, LAST_YEAR, statutory_days

KINDS = ("holiday", "rest", "makeup", "workday")
_ORDINARY = "ordinary"
# The festivals in the order of a notice; the days that each closes and the weekend days that are worked for it.
FESTIVALS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks from Monday; None are days of other months."""

    year: int
    month: int
    weeks: tuple[tuple[DayView | None, ...], ...]
    working_days: int

    @property
    def key(self) -> str:
        return f"{self.year}-{self.month:02d}"


def _wanted_month() -> tuple[int, int]:
    here = now().astimezone(context().services.settings.zone).date()
    given = request.args.get("month", "")
    try:
        day = date.fromisoformat(f"{given}-01")
    except ValueError:
        return here.year, here.month
    return (day.year, day.month) if FIRST_YEAR <= day.year <= LAST_YEAR else (here.year, here.month)


def _month(connection: Connection, year: int, month: int) -> Month:
    days = {one.day: one for one in days_of_month(connection, calendar(connection), year, month)}
    weeks = gregorian.Calendar().monthdatescalendar(year, month)
    shown = tuple(tuple(days.get(day) for day in week) for week in weeks)
    return Month(year, month, shown, sum(one.is_workday for one in days.values()))


def _beside(year: int, month: int, by: int) -> str | None:
    """The month before or after, if the table holds it."""
    index = year * 12 + month - 1 + by
    return f"{index // 12}-{index % 12 + 1:02d}" if FIRST_YEAR <= index // 12 <= LAST_YEAR else None


@pages.get("/calendar")
def calendar_page() -> str:
    """A month with its working days; the system administrator may change days."""
    return _calendar_page()


def _calendar_page(refusal: Refused | None = None) -> str:
    actor, (year, month) = require_actor(), _wanted_month()
    found, recounting, here = ask(lambda c: (_month(c, year, month), read_recounting(c), today(c)))
    days = [one for week in found.weeks for one in week if one is not None]
    return render_template(
        "calendar.html",
        month=found,
        today=here,
        before=_beside(year, month, -1),
        after=_beside(year, month, 1),
        provisional=any(one.provisional for one in days),
        recounting=recounting,
        may_edit=may(actor, "edit_calendar"),
        kinds=[(kind, words.word(words.DAY_KINDS, kind)) for kind in KINDS] + [(_ORDINARY, say("按星期"))],
        given=request.values,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.get("/calendar/preview")
def preview_calendar_change() -> str | tuple[str, int]:
    """Every open limit that the days of the address would move, before anybody changes them."""
    require("edit_calendar")
    try:
        command = _given()
        days = ask(lambda c: effective_days(c, context().services, command))
    except Refused as refusal:
        if "notice" in request.args:
            return _notice_page(refusal), refusal.status
        return _calendar_page(refusal), refusal.status
    found = ask(lambda c: preview_calendar(c, context().services.bundles, days, now(), asked()))
    return render_template(
        "calendar_preview.html", page=found, command=command, days=sorted(days.items()), text=_text(days)
    )


@pages.post("/calendar")
def change_calendar() -> Response | tuple[str, int]:
    """Change the days; every open limit that they lie in is counted anew, case by case."""
    require("edit_calendar")
    try:
        command = _given()
        act(lambda connection, web, actor: edit_calendar(connection, web.services, actor, command, now()))
    except Refused as refusal:
        return _calendar_page(refusal), refusal.status
    if (stepping := context().stepping) is not None:
        stepping.look()
    first = min(command.days)
    return back(url_for("pages.calendar_page", month=first.isoformat()[:7]), say("日历已修改，未到期的时限正在重算"))


@pages.get("/calendar/notice")
def calendar_notice() -> str:
    """The form of the State Council's notice of a year."""
    require("edit_calendar")
    return _notice_page()


def _notice_page(refusal: Refused | None = None) -> str:
    here = ask(today)
    given = request.args.get("notice", "")
    asked = whole_number(given)
    year = asked if asked is not None and FIRST_YEAR <= asked <= LAST_YEAR else here.year + 1
    off: dict[str, list[date]] = {}
    for day, name in statutory_days(year):
        off.setdefault(name, []).append(day)
    return render_template(
        "calendar_notice.html",
        year=year,
        years=range(here.year, here.year + 3),
        festivals=[(place, name, off.get(name, [])) for place, name in enumerate(FESTIVALS)],
        given=request.args,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.get("/calendar/changes")
def calendar_changes() -> str:
    """Who changed which days and why."""
    require_actor()
    found, recounting = ask(lambda c: (list_calendar_changes(c, asked()), read_recounting(c)))
    return render_template("calendar_changes.html", page=found, recounting=recounting)


def _given() -> EditCalendar:
    """What the form asks for: a span of days, a whole notice, or the days that a preview has shown."""
    form = request.values
    reason = form.get("reason", "").strip()[:_LONGEST_REASON]
    if not reason:
        raise _wrong("reason", "请写明理由", "Give the reason")
    notice = form.get("notice", "")
    year = whole_number(notice) if len(notice) == 4 else None
    if form.get("days"):
        return EditCalendar(_read(form["days"]), reason, year)
    return EditCalendar(_of_notice(year) if year is not None else _of_span(), reason, year)


def _of_span() -> DayChanges:
    form = request.values
    kind = form.get("kind", "")
    first = _day("day", form.get("day", ""))
    last = _day("until", form["until"]) if form.get("until", "").strip() else first
    if kind not in (*KINDS, _ORDINARY):
        raise _wrong("kind", "请选择是否上班", "Choose what kind of day it is")
    name = form.get("name", "").strip()[:80]
    if not name:
        raise _wrong("name", "请填名称或依据", "Give a name or the notice it follows")
    change = None if kind == _ORDINARY else DayChange(kind, name)
    return {day: change for day in _span(first, last, "until")}


def _span(first: date, last: date, name: str) -> list[date]:
    if not 0 <= (last - first).days < MOST_DAYS:
        raise _wrong(name, "止日不得早于起日", "Expected an end that is not before the beginning")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _of_notice(year: int) -> DayChanges:
    """A day of the festival is a holiday, the rest of its days off are days in lieu (调休)."""
    form, statutory = request.values, {day for day, _ in statutory_days(year)}
    days: dict[date, DayChange | None] = {}
    for place, name in enumerate(FESTIVALS):
        if form.get(f"from-{place}", "").strip():
            first = _day(f"from-{place}", form[f"from-{place}"])
            last = _day(f"to-{place}", form.get(f"to-{place}", "") or form[f"from-{place}"])
            for day in _span(first, last, f"to-{place}"):
                days[day] = DayChange("holiday" if day in statutory else "rest", name)
        for worked in (
            form.get(f"worked-{place}", "").replace("，", ",").replace("、", ",").replace(" ", ",").split(",")
        ):
            if worked:
                days[_day(f"worked-{place}", worked)] = DayChange("makeup", name)
    return days


def _text(days: DayChanges) -> str:
    """The days as the form of the preview carries them."""
    return "\n".join(
        f"{day.isoformat()} {_ORDINARY} -" if change is None else f"{day.isoformat()} {change.kind} {change.name}"
        for day, change in sorted(days.items())
    )


def _read(text: str) -> DayChanges:
    days: dict[date, DayChange | None] = {}
    for line in text[: MOST_DAYS * 120].splitlines():
        day, _, rest = line.strip().partition(" ")
        kind, _, name = rest.partition(" ")
        if kind not in (*KINDS, _ORDINARY) or not name:
            raise _wrong("kind", "请选择是否上班", "Choose what kind of day it is")
        days[_day("day", day)] = None if kind == _ORDINARY else DayChange(kind, name[:80])
    return days


def _day(name: str, given: str) -> date:
    try:
        return given_day(given)
    except ValueError:
        raise _wrong(name, "请填日期，如 2026-11-23", "Give a date such as 2026-11-23") from None


def _wrong(name: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("required", zh, en, pointer=f"/{name}")])
