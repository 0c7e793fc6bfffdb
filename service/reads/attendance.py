"""The supervision log as it is read: rates by day, department and role, and the people behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Connection, and_, bindparam, func, literal_column, or_, select

from service.database.in_text import in_text
from service.database.rows import read_rows
from service.database.tables import case, event, leave, person, post_holding, signing_in, user_task
from service.errors import Refused
from service.people.actor import Actor
from service.people.attendance import (
    Acted,
    Away,
    DayRate,
    DueTask,
    Facts,
    OfficeDay,
    PersonDay,
    Posting,
    Role,
    SigningIn,
    person_days,
    rates,
    role_of,
)
from service.reads.visibility import departments_of_alarms
from service.working_time import WorkingCalendar

MOST_DAYS = 62
USUAL_DAYS = 7
_SPAN: dict[str, BindParameter[Any]] = {"begins": bindparam("begins"), "ends": bindparam("ends")}
_POSTINGS = (
    select(*(post_holding.c[name] for name in ("person_id", "department", "post", "granted_at", "ended_at")))
    .add_columns(person.c.name)
    .join(person, person.c.id == post_holding.c.person_id)
    .where(
        post_holding.c.granted_at < _SPAN["ends"],
        or_(post_holding.c.ended_at.is_(None), post_holding.c.ended_at > _SPAN["begins"]),
        or_(person.c.active.is_(True), post_holding.c.ended_at.is_not(None)),
    )
    .order_by(post_holding.c.id)
)
_ENDS = func.coalesce(leave.c.ended_at, leave.c.ends_at)
_AWAY = select(leave.c.person_id, leave.c.starts_at, _ENDS.label("ends_at")).where(
    leave.c.starts_at < _SPAN["ends"], _ENDS > _SPAN["begins"]
)
_WORK = and_(
    user_task.c.due_at < _SPAN["ends"],
    or_(
        user_task.c.status == in_text("open"),
        # No index by status, which SQLite would take: most tasks there ever were are completed.
        and_(
            user_task.c.status.concat(literal_column("''")) == in_text("completed"),
            user_task.c.completed_at >= _SPAN["begins"],
        ),
    ),
)
_DUE = select(
    user_task.c.case_id,
    user_task.c.department,
    user_task.c.post,
    user_task.c.assignee,
    user_task.c.completed_by,
    user_task.c.entered_at,
    user_task.c.due_at,
    user_task.c.completed_at,
).where(
    _WORK, select(case.c.id).where(case.c.id == user_task.c.case_id, case.c.status != in_text("suspended")).exists()
)
_SIGNED_IN = select(signing_in.c.person_id, signing_in.c.at, signing_in.c.address).where(
    signing_in.c.at >= _SPAN["begins"], signing_in.c.at < _SPAN["ends"]
)
_ACTED = (
    select(event.c.actor, event.c.case_id, event.c.at)
    .where(event.c.case_id.in_(select(user_task.c.case_id).where(_WORK)), event.c.actor.is_not(None))
    .where(event.c.at >= _SPAN["begins"], event.c.at < _SPAN["ends"])
)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both counted."""

    first: date
    last: date


def span_of(first: date | None, last: date | None, today: date) -> Span:
    """What was asked for, the last week where nothing was. Raises Refused invalid_request beyond two months."""
    until = min(last or today, today)
    since = first or until - timedelta(days=USUAL_DAYS - 1)
    if not 0 <= (until - since).days < MOST_DAYS:
        raise Refused(
            "invalid_request", f"请选择不超过 {MOST_DAYS} 天的起止日期", f"Expected at most {MOST_DAYS} days, in order"
        )
    return Span(since, until)


def attendance_of(
    connection: Connection, calendar: WorkingCalendar, span: Span, role: Role | None = None
) -> list[PersonDay]:
    """Everybody, or those of the role, who had work due on the working days of the span, the newest day first."""
    days = list(_office_days(calendar, span))
    if not days:
        return []
    bound = {"begins": days[-1].starts_at, "ends": days[0].ends_at}
    return person_days(_facts(connection, bound, role), days)


def _office_days(calendar: WorkingCalendar, span: Span) -> Iterator[OfficeDay]:
    for back in range((span.last - span.first).days + 1):
        day = span.last - timedelta(days=back)
        if calendar.is_workday(day):
            yield OfficeDay(day, _midnight(day, calendar.zone), _midnight(day + timedelta(days=1), calendar.zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _facts(connection: Connection, bound: dict[str, datetime], role: Role | None) -> Facts:
    postings = [
        Posting(row.person_id, row.name, row.department, row.post, row.granted_at, row.ended_at)
        for row in read_rows(connection, _POSTINGS, bound)
        if role is None or role_of(row.post) == role
    ]
    due = [
        DueTask(
            row.case_id,
            row.department,
            row.post,
            row.completed_by if row.completed_at is not None else row.assignee,
            row.entered_at,
            row.due_at,
            row.completed_at,
        )
        for row in read_rows(connection, _DUE, bound)
    ]
    return Facts(
        postings,
        [Away(*row) for row in read_rows(connection, _AWAY, bound)],
        due,
        [SigningIn(*row) for row in read_rows(connection, _SIGNED_IN, bound)],
        [Acted(*row) for row in read_rows(connection, _ACTED, bound)],
    )


def visible_to(found: list[PersonDay], actor: Actor) -> list[PersonDay]:
    """Those of the departments that the person supervises, and always himself: it is shown to whom it concerns."""
    seen = departments_of_alarms(actor)
    return [one for one in found if seen is None or one.department in seen or one.person_id == actor.person_id]


def rates_of(found: list[PersonDay], department: str | None = None, role: str | None = None) -> list[DayRate]:
    """By day, department and role, of those that were asked for."""
    return [
        one
        for one in rates(found)
        if (department is None or one.department == department) and (role is None or one.role == role)
    ]
