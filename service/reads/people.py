"""People with their posts and delegations, thresholds and days: what administrators look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from service.database.tables import alarm_threshold, calendar_day, delegation, person, post_holding, power_item
from service.people.posts import POST_NAMES
from service.reads.paging import FIRST_PAGE, Asked, Page, contains, page_of
from service.working_time import WorkingCalendar

# items.yaml, meta.alarm_defaults: shares of a limit at which it turns blue and yellow.
USUAL_BLUE, USUAL_YELLOW = 50, 80
_PRINCIPAL, _DELEGATE = person.alias("principal"), person.alias("delegate")


@dataclass(frozen=True, slots=True)
class HoldingView:
    """A post that somebody holds now."""

    id: int
    post: str
    department: str
    granted_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PersonView:
    id: int
    username: str
    name: str
    department: str
    officer_number: str | None
    active: bool
    posts: tuple[HoldingView, ...]
    mobile: str | None = None


def list_people(
    connection: Connection, q: str | None = None, department: str | None = None, asked: Asked = FIRST_PAGE
) -> Page[PersonView]:
    """People by their id; `q` is a part of the name or user name."""
    where: list[Any] = []
    if q:
        pattern = contains(q.strip())
        where.append(or_(person.c.name.like(pattern, escape="\\"), person.c.username.ilike(pattern, escape="\\")))
    if department:
        where.append(person.c.department == department)
    total = connection.execute(select(func.count()).select_from(person).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(person.c.id > after[0])
    rows = connection.execute(select(person).where(*where).order_by(person.c.id).limit(asked.limit + 1)).all()
    posts = _posts(connection, [row.id for row in rows])
    return page_of(rows, total, asked, lambda row: [row.id], lambda row: _person(row, posts.get(row.id, [])))


def read_person(connection: Connection, person_id: int) -> PersonView | None:
    row = connection.execute(select(person).where(person.c.id == person_id)).one_or_none()
    return None if row is None else _person(row, _posts(connection, [person_id]).get(person_id, []))


def _posts(connection: Connection, person_ids: list[int]) -> dict[int, list[HoldingView]]:
    found: dict[int, list[HoldingView]] = {}
    statement = (
        select(post_holding)
        .where(post_holding.c.person_id.in_(person_ids), post_holding.c.ended_at.is_(None))
        .order_by(post_holding.c.id)
    )
    for row in connection.execute(statement):
        holding = HoldingView(row.id, row.post, row.department, row.granted_at, row.reason)
        found.setdefault(row.person_id, []).append(holding)
    return found


def _person(row: Any, posts: list[HoldingView]) -> PersonView:
    return PersonView(
        row.id, row.username, row.name, row.department, row.officer_number, bool(row.active), tuple(posts), row.mobile
    )


def is_post(code: str) -> bool:
    """Whether somebody can hold a post of this name; applicants, parties and the system hold none."""
    return code in POST_NAMES and code not in ("applicant", "party", "system")


@dataclass(frozen=True, slots=True)
class DelegationView:
    """A post, or one task of it, lent from one person to another for given dates."""

    id: int
    principal: str
    delegate: str
    post: str
    department: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    revoked_at: datetime | None
    task_id: str | None = None


_LOANS = (
    select(delegation, _PRINCIPAL.c.name.label("principal_name"), _DELEGATE.c.name.label("delegate_name"))
    .join(_PRINCIPAL, _PRINCIPAL.c.id == delegation.c.principal_id)
    .join(_DELEGATE, _DELEGATE.c.id == delegation.c.delegate_id)
)


def delegations_of(connection: Connection, person_id: int) -> tuple[DelegationView, ...]:
    """Posts that this person has lent or was lent, the newest first."""
    theirs = or_(delegation.c.principal_id == person_id, delegation.c.delegate_id == person_id)
    return tuple(_loan(row) for row in connection.execute(_LOANS.where(theirs).order_by(delegation.c.id.desc())))


def list_delegations(connection: Connection, asked: Asked = FIRST_PAGE) -> Page[DelegationView]:
    """Every loan of the county, the newest first."""
    total = connection.execute(select(func.count()).select_from(delegation)).scalar_one()
    where = [delegation.c.id < after[0]] if (after := asked.after(int)) is not None else []
    rows = connection.execute(_LOANS.where(*where).order_by(delegation.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.id], _loan)


def _loan(row: Any) -> DelegationView:
    names = (row.principal_name, row.delegate_name)
    dates = (row.starts_at, row.ends_at, row.reason, row.revoked_at, row.task_id)
    return DelegationView(row.id, *names, row.post, row.department, *dates)


@dataclass(frozen=True, slots=True)
class ThresholdView:
    """Shares of an item's limits, in percent; `changed_at` None where the county's defaults hold."""

    power_item: str
    name_zh: str
    name_en: str
    blue_percent: int
    yellow_percent: int
    reason: str | None
    changed_at: datetime | None
    changed_by: str | None


def list_thresholds(connection: Connection, asked: Asked = FIRST_PAGE, code: str | None = None) -> Page[ThresholdView]:
    """The thresholds of every item in force, by code; of one item alone if its code is given."""
    where = [power_item.c.current.is_(True), *([power_item.c.code == code] if code is not None else [])]
    total = connection.execute(select(func.count()).select_from(power_item).where(*where)).scalar_one()
    if (after := asked.after(str)) is not None:
        where.append(power_item.c.code > after[0])
    statement = (
        select(power_item.c.code, power_item.c.name_zh, power_item.c.name_en, alarm_threshold, person.c.name)
        .outerjoin(alarm_threshold, alarm_threshold.c.power_item == power_item.c.code)
        .outerjoin(person, person.c.id == alarm_threshold.c.changed_by)
        .where(*where)
        .order_by(power_item.c.code)
        .limit(asked.limit + 1)
    )
    return page_of(connection.execute(statement).all(), total, asked, lambda row: [row.code], _threshold)


def _threshold(row: Any) -> ThresholdView:
    return ThresholdView(
        row.code,
        row.name_zh,
        row.name_en,
        row.blue_percent or USUAL_BLUE,
        row.yellow_percent or USUAL_YELLOW,
        row.reason,
        row.changed_at,
        row.name,
    )


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of the calendar. `kind` None is an ordinary day; `provisional`: the year's notice is not in."""

    day: date
    kind: str | None
    name: str | None
    is_workday: bool
    provisional: bool


def read_day(connection: Connection, calendar: WorkingCalendar, day: date) -> DayView:
    """Raises ValueError for a day that the calendar's table does not hold."""
    row = connection.execute(select(calendar_day).where(calendar_day.c.day == day)).one_or_none()
    workday = calendar.is_workday(day)
    provisional = calendar.is_provisional(day.year)
    return DayView(day, row.kind if row else None, row.name if row else None, workday, provisional)
