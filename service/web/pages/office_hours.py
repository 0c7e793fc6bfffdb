"""Hours of the county and of its windows: what holds, what comes, who changed it and why."""

from __future__ import annotations

from datetime import date

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from service.commands.office_changes import stated
from service.commands.set_office_hours import SetOfficeHours, set_office_hours, wanted_hours
from service.errors import Detail, Refused
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.calendar_preview import preview_office_hours
from service.reads.office_hours import list_hours_changes, list_office_hours
from service.web.context import context
from service.web.given import given_day
from service.web.pages import words
from service.web.pages.shell import act, ask, asked, back, pages, refusal_view, require
from service.web.pages.words import say
from service.web.request import now, require_actor


@pages.get("/office-hours")
def office_hours() -> str:
    """When each window is open."""
    return _page()


def _page(refusal: Refused | None = None) -> str:
    actor = require_actor()
    windows, changes, names = ask(lambda c: (list_office_hours(c), list_hours_changes(c, asked()), department_names(c)))
    return render_template(
        "office_hours.html",
        windows=windows,
        page=changes,
        may_edit=may(actor, "edit_calendar"),
        departments=[(code, both[words.in_english()]) for code, both in names.items()],
        department_names={code: both[words.in_english()] for code, both in names.items()},
        given=request.values,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/office-hours")
def change_office_hours() -> Response | tuple[str, int]:
    """Set the hours of the county or of a window from a day to come on."""
    require("edit_calendar")
    try:
        command = _given()
        act(lambda connection, web, actor: set_office_hours(connection, web.services, actor, command, now()))
    except Refused as refusal:
        return _page(refusal), refusal.status
    if (stepping := context().stepping) is not None:
        stepping.look()
    return back(url_for("pages.office_hours"), say("办公时间已登记，未到期的时限正在重算"))


@pages.get("/office-hours/preview")
def preview_office_hours_change() -> str | tuple[str, int]:
    """Every open limit that the hours of the address would move, before anybody sets them."""
    require("edit_calendar")
    try:
        command = _given()
        stated(command.reason)
        wanted = ask(lambda c: wanted_hours(c, context().services, command, now()))
    except Refused as refusal:
        return _page(refusal), refusal.status
    found, names = ask(
        lambda c: (preview_office_hours(c, context().services.bundles, wanted, now(), asked()), department_names(c))
    )
    both = names.get(command.department)
    department = both[words.in_english()] if both else ""
    return render_template("office_hours_preview.html", page=found, command=command, department=department)


def _given() -> SetOfficeHours:
    form = request.values
    return SetOfficeHours(
        form.get("department", ""),
        form.get("place", "").strip()[:80],
        _parts(form.get("items", "")),
        _day(form.get("effective_on", "")),
        _parts(form.get("hours", "")),
        form.get("reason", "").strip()[:500],
    )


def _parts(text: str) -> list[str]:
    """Several in one field, with commas or blanks between."""
    for mark in "，、;；\n":
        text = text.replace(mark, ",")
    return [part for part in text.replace(" ", ",").split(",") if part]


def _day(given: str) -> date:
    try:
        return given_day(given)
    except ValueError:
        words_ = "请填日期，如 2026-11-23", "Give a date such as 2026-11-23"
        raise Refused("invalid_request", *words_, [Detail("required", *words_, pointer="/effective_on")]) from None
