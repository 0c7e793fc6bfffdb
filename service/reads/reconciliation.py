"""The reconciliation desk: what treasury and system have by department, item and month; this year beside the last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from service.database.tables import (
    case,
    earlier_volume,
    power_item,
    reconciliation_run,
    reconciliation_total,
    treasury_difference,
)
from service.people.actor import Actor
from service.reads.differences import departments_of_differences
from service.working_time import WorkingCalendar

_TOTALS = (
    select(
        reconciliation_total.c.department,
        reconciliation_total.c.item_code,
        func.sum(reconciliation_total.c.treasury_fen).label("treasury_fen"),
        func.sum(reconciliation_total.c.system_fen).label("system_fen"),
        func.sum(reconciliation_total.c.receipts).label("receipts"),
    )
    .where(reconciliation_total.c.month.between(bindparam("first"), bindparam("last")))
    .group_by(reconciliation_total.c.department, reconciliation_total.c.item_code)
)
_COUNTS = (
    select(
        treasury_difference.c.department,
        treasury_difference.c.item_code,
        treasury_difference.c.kind,
        func.count().label("found"),
    )
    .where(
        treasury_difference.c.month.between(bindparam("first"), bindparam("last")),
        treasury_difference.c.cleared_at.is_(None),
    )
    .group_by(treasury_difference.c.department, treasury_difference.c.item_code, treasury_difference.c.kind)
)
_BY_MONTH = (
    select(
        reconciliation_total.c.month,
        func.sum(reconciliation_total.c.treasury_fen).label("treasury_fen"),
        func.sum(reconciliation_total.c.system_fen).label("system_fen"),
        func.sum(reconciliation_total.c.receipts).label("receipts"),
    )
    .where(
        reconciliation_total.c.month.between(bindparam("first"), bindparam("last")),
        reconciliation_total.c.department == bindparam("department"),
    )
    .group_by(reconciliation_total.c.month)
    .order_by(reconciliation_total.c.month)
)
_LAST_RUN = select(reconciliation_run).order_by(reconciliation_run.c.id.desc()).limit(1)
_MONTHS = select(func.min(reconciliation_total.c.month), func.max(reconciliation_total.c.month))
# What every category of items begins with in the code of its cases: LJ-CG-CF-001.
_ENTERED = (
    select(case.c.department, power_item.c.category, func.count().label("cases"))
    .join(power_item, (power_item.c.code == case.c.power_item) & (power_item.c.version == case.c.item_version))
    .where(case.c.kind == "item", case.c.created_at >= bindparam("since"), case.c.created_at < bindparam("until"))
    .group_by(case.c.department, power_item.c.category)
)
_EARLIER = (
    select(
        earlier_volume.c.department,
        earlier_volume.c.category,
        func.sum(earlier_volume.c.cases).label("cases"),
        func.sum(earlier_volume.c.amount_fen).label("amount_fen"),
    )
    .where(earlier_volume.c.month.between(bindparam("first"), bindparam("last")))
    .group_by(earlier_volume.c.department, earlier_volume.c.category)
)


@dataclass
class Line:
    """A department, an item or a month. `found` counts the differences that stand, by class."""

    key: str
    treasury_fen: int = 0
    system_fen: int = 0
    receipts: int = 0
    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    items: dict[str, Line] = field(default_factory=dict)

    @property
    def short_fen(self) -> int:
        """What the system has less than the treasury; below nothing where it has more."""
        return self.treasury_fen - self.system_fen

    @property
    def differences(self) -> int:
        return sum(self.found.values())

    def add(self, treasury_fen: int, system_fen: int, receipts: int) -> None:
        self.treasury_fen += treasury_fen
        self.system_fen += system_fen
        self.receipts += receipts


@dataclass(frozen=True)
class Desk:
    """Departments, those that lack most first, each with its items; `whole` adds them up."""

    whole: Line
    departments: tuple[Line, ...]
    compared_at: datetime | None


def last_comparison(connection: Connection) -> Mapping[str, Any] | None:
    """When it was, and how much it has read."""
    row = connection.execute(_LAST_RUN).one_or_none()
    return None if row is None else row._asdict()


def known_months(connection: Connection) -> tuple[str, str] | None:
    """The first and last month of which the treasury or the system has anything."""
    first, last = connection.execute(_MONTHS).one()
    return (first, last) if first else None


def read_desk(connection: Connection, actor: Actor, first: str, last: str) -> Desk:
    """What the person may see of these months, both included."""
    seen, months = departments_of_differences(actor), {"first": first, "last": last}
    whole, found = Line(""), dict[str, Line]()

    def line(department: str, item_code: str) -> tuple[Line, ...]:
        place = found.setdefault(department, Line(department))
        return whole, place, place.items.setdefault(item_code, Line(item_code))

    for row in connection.execute(_TOTALS, months):
        if seen is None or row.department in seen:
            for one in line(row.department, row.item_code):
                one.add(int(row.treasury_fen), int(row.system_fen), int(row.receipts))
    for row in connection.execute(_COUNTS, months):
        if seen is None or row.department in seen:
            for one in line(row.department, row.item_code):
                one.found[row.kind] += row.found
    run = last_comparison(connection)
    return Desk(whole, tuple(_most_first(found.values())), run["at"] if run else None)


def months_of(connection: Connection, department: str, first: str, last: str) -> tuple[Line, ...]:
    """One department month by month."""
    rows = connection.execute(_BY_MONTH, {"department": department, "first": first, "last": last})
    return tuple(Line(row.month, int(row.treasury_fen), int(row.system_fen), int(row.receipts)) for row in rows)


def _most_first(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda one: (-one.short_fen, one.key))


@dataclass
class Volume:
    """How many cases there were in a span and in the same span of the year before."""

    key: str
    cases: int = 0
    last_year: int = 0

    @property
    def change_percent(self) -> float | None:
        """None where the year before had none."""
        if not self.last_year:
            return None
        return round((self.cases - self.last_year) * 100 / self.last_year, 1)


@dataclass(frozen=True)
class YearOnYear:
    """By department and by category, each with all of its own. A clue for a person: never an order or a score."""

    departments: tuple[Volume, ...]
    categories: tuple[Volume, ...]
    whole: Volume


def year_on_year(
    connection: Connection, calendar: WorkingCalendar, first: str, last: str, category: str | None = None
) -> YearOnYear:
    """Cases that were entered in these months, and in those of a year before; cases that were counted elsewhere too.

    `category` keeps to one kind of power; the categories themselves are told of all.
    """
    whole, departments, categories = Volume(""), dict[str, Volume](), dict[str, Volume]()
    for name, months in (("cases", (first, last)), ("last_year", (_year_before(first), _year_before(last)))):
        for department, kind, cases in _volumes(connection, calendar, *months):
            lines = [categories.setdefault(kind, Volume(kind))]
            if category in (None, kind):
                lines += [departments.setdefault(department, Volume(department)), whole]
            for line in lines:
                setattr(line, name, getattr(line, name) + cases)
    ordered = [sorted(lines.values(), key=lambda one: one.key) for lines in (departments, categories)]
    return YearOnYear(tuple(ordered[0]), tuple(ordered[1]), whole)


def _volumes(
    connection: Connection, calendar: WorkingCalendar, first: str, last: str
) -> Iterable[tuple[str, str, int]]:
    since, until = _begins(first, calendar), _begins(_month_after(last), calendar)
    for row in connection.execute(_ENTERED, {"since": since, "until": until}):
        yield row.department, row.category, row.cases
    for row in connection.execute(_EARLIER, {"first": first, "last": last}):
        yield row.department, row.category, int(row.cases)


def _begins(month: str, calendar: WorkingCalendar) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=calendar.zone)


def _month_after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def _year_before(month: str) -> str:
    return f"{int(month[:4]) - 1:04d}{month[4:]}"


def month_of(on: date) -> str:
    return f"{on:%Y-%m}"


def half_year(today: date) -> tuple[str, str]:
    """The first and last month of the last full half-year."""
    if today.month > 6:
        return f"{today.year}-01", f"{today.year}-06"
    return f"{today.year - 1}-07", f"{today.year - 1}-12"
