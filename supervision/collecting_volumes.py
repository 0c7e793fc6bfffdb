"""What a pass sees of volumes older than the system: as the departments counted them, by month and category."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from service.database.rows import read_rows
from service.database.tables import case, department, earlier_volume, power_item
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


def imported_volumes(connection: Connection, now: datetime) -> tuple[Volume, ...]:
    """Of each department and category, the last days beside the same days a year ago, where these are older than it."""
    since = now - timedelta(days=DAYS)
    shares = dict(_shares((since - YEAR).date()))
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


def _shares(first: date) -> Iterator[tuple[str, float]]:
    """The months that these days touch, and which part of each lies within them."""
    days = [first + timedelta(days=n) for n in range(DAYS)]
    for month in sorted({(day.year, day.month) for day in days}):
        inside = sum((day.year, day.month) == month for day in days)
        yield f"{month[0]}-{month[1]:02d}", inside / monthrange(*month)[1]
