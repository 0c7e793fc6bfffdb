"""Days named by the State Council: its yearly notices, and the holidays that hold before the notice of a year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, in_lieu_days, workdays

DayKind = Literal["rest", "holiday", "makeup", "workday"]

# 全国年节及纪念日放假办法 as amended from 2025-01-01, Art. 2: thirteen days. Those with a date of their own:
_DATED: tuple[tuple[int, int, str], ...] = (
    (1, 1, "元旦"),
    (5, 1, "劳动节"),
    (5, 2, "劳动节"),
    (10, 1, "国庆节"),
    (10, 2, "国庆节"),
    (10, 3, "国庆节"),
)
# Those of the lunar and solar calendar: first day of the Spring Festival, Qingming, Dragon Boat, Mid-Autumn.
# Source: GB/T 33661 (lunar calendar), computed twice with independent programs.
_LUNAR: dict[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    2027: ((2, 6), (4, 5), (6, 9), (9, 15)),
    2028: ((1, 26), (4, 4), (5, 28), (10, 3)),
    2029: ((2, 13), (4, 4), (6, 16), (9, 22)),
    2030: ((2, 3), (4, 5), (6, 5), (9, 12)),
    2031: ((1, 23), (4, 5), (6, 24), (10, 1)),
    2032: ((2, 11), (4, 4), (6, 12), (9, 19)),
    2033: ((1, 31), (4, 4), (6, 1), (9, 8)),
    2034: ((2, 19), (4, 5), (6, 20), (9, 27)),
    2035: ((2, 8), (4, 5), (6, 10), (9, 16)),
    2036: ((1, 28), (4, 4), (5, 30), (10, 4)),
    2037: ((2, 15), (4, 4), (6, 18), (9, 24)),
    2038: ((2, 4), (4, 5), (6, 7), (9, 13)),
    2039: ((1, 24), (4, 5), (5, 27), (10, 2)),
    2040: ((2, 12), (4, 4), (6, 14), (9, 20)),
}
_NOTICED_YEARS = frozenset(day.year for day in holidays)


def statutory_days(year: int) -> list[tuple[date, str]]:
    """The holidays that hold by the regulation alone, in order, with their Chinese names.

    All thirteen for 2027 to 2040; the six with a date of their own for any other year. What the notice adds, days
    off in lieu and make-up days, is not known before it comes.
    """
    days = [(date(year, month, day), name) for month, day, name in _DATED]
    if year in _LUNAR:
        spring, qingming, dragon_boat, mid_autumn = (date(year, *month_day) for month_day in _LUNAR[year])
        days += [(spring + timedelta(days=offset), "春节") for offset in range(-1, 3)]
        days += [(qingming, "清明节"), (dragon_boat, "端午节"), (mid_autumn, "中秋节")]
    return sorted(days)


def seed_days(years: Iterable[int]) -> list[tuple[date, DayKind, str]]:
    """Rows of the calendar table for the noticed years among `years` (2004 to 2026): day, kind, Chinese name.

    `holiday` is a day of the festival, `rest` a day off in lieu (调休), `makeup` a weekend day that is worked. A year
    whose notice is not known gives no row and so stays provisional.
    """
    wanted = frozenset(years) & _NOTICED_YEARS
    rows: list[tuple[date, DayKind, str]] = []
    for day, name in holidays.items():
        if day.year in wanted:
            rows.append((day, "rest" if day in in_lieu_days else "holiday", Holiday(name).chinese))
    for day, name in workdays.items():
        if day.year in wanted:
            rows.append((day, "makeup", Holiday(name).chinese))
    return sorted(rows)
