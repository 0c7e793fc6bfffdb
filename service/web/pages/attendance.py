"""监察日志: the board of online rates, who was there behind them, and the same without names for the public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request
from sqlalchemy import Connection

from service.errors import Refused
from service.people.attendance import ROLES, TARGETS, DayRate
from service.people.queries import department_names
from service.reads.attendance import Span, attendance_of, rates_of, span_of, visible_to
from service.reads.visibility import departments_of_alarms
from service.web.given import given_day
from service.web.pages import words
from service.web.pages.shell import ask, calendar, pages
from service.web.request import now, require_actor

ROLE_WORDS = {"handler": words.N_("办理人员"), "supervisor": words.N_("监察人员")}


def role_word(role: str) -> str:
    """办理人员 or 监察人员, in the reader's language."""
    return words.word(ROLE_WORDS, role)


pages.add_app_template_filter(role_word, "attendance_role")


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One department's role over the days of the board; None where nobody had work due."""

    department: str
    role: str
    cells: tuple[DayRate | None, ...]
    rate: float
    target: float

    @property
    def met(self) -> bool:
        return self.rate >= self.target


def board(rows: Sequence[DayRate], days: Sequence[date]) -> list[BoardRow]:
    """By department and role; the rate of all days together counts people, not days."""
    by_place: dict[tuple[str, str], dict[date, DayRate]] = {}
    for one in rows:
        by_place.setdefault((one.department, one.role), {})[one.day] = one
    return [
        BoardRow(
            department,
            role,
            tuple(found.get(day) for day in days),
            round(100 * sum(one.online for one in found.values()) / sum(one.expected for one in found.values()), 1),
            next(iter(found.values())).target,
        )
        for (department, role), found in sorted(by_place.items())
    ]


def _board_of(connection: Connection, rates: Sequence[DayRate]) -> dict[str, Any]:
    """What the table of rates shows."""
    days = sorted({one.day for one in rates})
    names = {code: both[words.in_english()] for code, both in department_names(connection).items()}
    return {"days": days, "rows": board(rates, days), "departments": names}


def _span(connection: Connection) -> tuple[Span, bool]:
    """What the address asks for; a wrong date is answered by the last week, and told."""
    today = calendar(connection).local_date(now())
    try:
        first, last = (given_day(given) if (given := request.args.get(name)) else None for name in ("from", "to"))
        return span_of(first, last, today), False
    except (ValueError, Refused):
        return span_of(None, None, today), True


@pages.get("/attendance")
def attendance() -> str:
    """One's own days, and for leaders and supervisors the board of their departments."""
    actor = require_actor()
    seen = departments_of_alarms(actor)

    def read(connection: Connection) -> dict[str, Any]:
        span, wrong = _span(connection)
        found = attendance_of(connection, calendar(connection), span)
        people = visible_to(found, actor)
        return {
            **_board_of(connection, [one for one in rates_of(found) if seen is None or one.department in seen]),
            "span": span,
            "wrong": wrong,
            "people": [one for one in people if not one.online or not one.touched or one.person_id == actor.person_id],
        }

    return render_template(
        "attendance.html", **ask(read), supervises=seen != frozenset(), roles=ROLES, targets=TARGETS, me=actor.person_id
    )


@pages.get("/public/attendance")
def public_attendance() -> str:
    """The board of the last week, without a name."""

    def read(connection: Connection) -> dict[str, Any]:
        span = span_of(None, None, calendar(connection).local_date(now()))
        return _board_of(connection, rates_of(attendance_of(connection, calendar(connection), span)))

    return render_template("public_attendance.html", **ask(read), targets=TARGETS)
