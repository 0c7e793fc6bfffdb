"""What a pass sees of volumes older than the system: as the departments counted them, by month and category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from service.database.rows import read_rows
from service.database.tables import case, department, earlier_volume, power_item
from service.working_time import WorkingCalendar
from supervision.facts import Place, Volume

DAYS, YEAR = 30, timedelta(days=365)
_IMPORTED = (
    select(earlier_volume.c.department, earlier_volume.c.category, earlier_volume.c.month, earlier_volume.c.cases)
    .add_columns(department.c.name_zh, department.c.name_en)
    .join(department, department.c.code == earlier_volume.c.department)
    .where(earlier_volume.c.month.in_(bindparam("months", expanding=True)))
    .order_by(earlier_volume.c.department, earlier_volume.c.category)
)
_COUNTED = (
    select(case.c.department, power_item.c.category, func.count().label("cases"))
    .join(power_item, power_item.c.code == case.c.power_item)
    .where(
        power_item.c.current.is_(True), case.c.created_at >= bindparam("since"), case.c.created_at < bindparam("now")
    )
    .group_by(case.c.department, power_item.c.category)
)
_FIRST = select(case.c.department, func.min(case.c.created_at).label("first")).group_by(case.c.department)


def imported_volumes(connection: Connection, calendar: WorkingCalendar, now: datetime) -> tuple[Volume, ...]:
    """Of each department and category, the last days beside the same days a year ago, where these are older than it."""
    since = now - timedelta(days=DAYS)
    shares = dict(_shares(calendar, since.date()))
    rows = connection.execute(_IMPORTED, {"months": sorted(shares)}).all()
    if not rows:
        return ()
    first = {row.department: row.first for row in read_rows(connection, _FIRST)}
    counted = {
        (row.department, row.category): int(row.cases)
        for row in read_rows(connection, _COUNTED, {"since": since, "now": now})
    }
    months: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    names: Mapping[str, tuple[str, str]] = {row.department: (row.name_zh, row.name_en) for row in rows}
    for row in rows:
        months[row.department, row.category][row.month] = row.cases
    return tuple(
        Volume(
            Place(code, None, category),
            f"{names[code][0]}（{category}）",
            f"{names[code][1]} ({category})",
            DAYS,
            counted.get((code, category), 0),
            (round(sum(cases * shares[month] for month, cases in known.items())),),
        )
        for (code, category), known in months.items()
        # Whose cases of a year ago are here themselves is compared by item; who began within these days, not at all.
        if len(known) == len(shares) and code in first and since - YEAR < first[code] <= since
    )


def _shares(calendar: WorkingCalendar, first: date) -> Iterator[tuple[str, float]]:
    """The months that these days touched a year ago, and how much of each lay within them.

    By working days, and as many as these days have now: the Spring Festival is at another time each year.
    """
    earlier = first - YEAR
    then, now = (_workdays(calendar, day, day + timedelta(days=DAYS)) for day in (earlier, first))
    days = [earlier + timedelta(days=n) for n in range(DAYS)]
    for year, month in sorted({(day.year, day.month) for day in days}):
        inside = sum(calendar.is_workday(day) for day in days if (day.year, day.month) == (year, month))
        whole = _workdays(calendar, date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))
        yield f"{year}-{month:02d}", inside / max(whole, 1) * now / max(then, 1)


def _workdays(calendar: WorkingCalendar, first: date, over: date) -> int:
    return calendar.working_days_between(first - timedelta(days=1), over - timedelta(days=1))
