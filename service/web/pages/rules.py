"""The county's own rules: the calendar of working days, the shares at which limits warn."""

from __future__ import annotations

import calendar as gregorian
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.edit_calendar import EditDay, edit_day
from service.commands.set_threshold import SetThreshold, set_threshold
from service.errors import Detail, Refused
from service.people.permissions import may
from service.reads.months import days_of_month
from service.reads.people import DayView, list_thresholds
from service.web.context import context
from service.web.pages import words
from service.web.pages.shell import act, ask, back, calendar, pages, refusal_view, require
from service.web.pages.words import say
from service.web.request import now, require_actor
from service.working_time import FIRST_YEAR, LAST_YEAR

KINDS = ("holiday", "rest", "makeup", "workday")
_ORDINARY = "ordinary"


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
    today = now().astimezone(context().services.settings.zone).date()
    given = request.args.get("month", "")
    try:
        day = date.fromisoformat(f"{given}-01")
    except ValueError:
        return today.year, today.month
    return (day.year, day.month) if FIRST_YEAR <= day.year <= LAST_YEAR else (today.year, today.month)


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
    """A month with its working days; the system administrator may change a day."""
    return _calendar_page()


def _calendar_page(refusal: Refused | None = None) -> str:
    actor, (year, month) = require_actor(), _wanted_month()
    found = ask(lambda connection: _month(connection, year, month))
    days = [one for week in found.weeks for one in week if one is not None]
    return render_template(
        "calendar.html",
        month=found,
        today=now().astimezone(context().services.settings.zone).date(),
        before=_beside(year, month, -1),
        after=_beside(year, month, 1),
        provisional=any(one.provisional for one in days),
        may_edit=may(actor, "edit_calendar"),
        kinds=[(kind, words.word(words.DAY_KINDS, kind)) for kind in KINDS] + [(_ORDINARY, say("按星期"))],
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/calendar")
def change_day() -> Response | tuple[str, int]:
    """Change one day."""
    require("edit_calendar")
    form = request.form
    try:
        day, kind = _given_day(), form.get("kind", "")
        if kind not in (*KINDS, _ORDINARY):
            raise _wrong("kind", "请选择是否上班", "Choose what kind of day it is")
        name = form.get("name", "").strip()[:80]
        if not name:
            raise _wrong("name", "请填名称或依据", "Give a name or the notice it follows")
        command = EditDay(day, None if kind == _ORDINARY else kind, name)
        act(lambda connection, web, actor: edit_day(connection, web.services, actor, command))
    except Refused as refusal:
        return _calendar_page(refusal), refusal.status
    return back(url_for("pages.calendar_page", month=day.isoformat()[:7]), say("日历已修改"))


def _given_day() -> date:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise _wrong("day", "请填日期，如 2026-11-23", "Give a date such as 2026-11-23") from None


def _wrong(name: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("required", zh, en, pointer=f"/{name}")])


@pages.get("/thresholds")
def thresholds() -> str:
    """At which share of its limits each item turns blue and yellow."""
    return _thresholds_page()


def _thresholds_page(refusal: Refused | None = None, code: str = "") -> str:
    require("set_thresholds")
    found: Any = ask(list_thresholds)
    return render_template(
        "thresholds.html",
        page=found,
        refused_code=code,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/thresholds/<code:code>")
def change_threshold(code: str) -> Response | tuple[str, int]:
    """Set the shares of one item, with the reason."""
    require("set_thresholds")
    form = request.form
    try:
        reason = form.get("reason", "").strip()[:500]
        if not reason:
            raise _wrong(f"reason-{code}", "请写明理由", "Give the reason")
        command = SetThreshold(code, _percent("blue"), _percent("yellow"), reason)
        act(lambda connection, _web, actor: set_threshold(connection, actor, command, now()))
    except Refused as refusal:
        return _thresholds_page(refusal, code), refusal.status
    return back(url_for("pages.thresholds"), say("阈值已修改，对此后起算的时限有效"))


def _percent(name: str) -> int:
    given = request.form.get(name, "")
    if not given.isdigit() or len(given) > 3:
        raise Refused("invalid_request", "百分比须为 1 至 99 的整数", "Expected a whole number from 1 to 99")
    return int(given)
