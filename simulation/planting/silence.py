"""网下运行: a window and an item that go on past the system for a time; and the volumes of the year before.

Holidays, the Spring Festival and slow weeks are silences of every year, and innocent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from service.commands.import_volumes import import_volumes
from service.commands.performing import perform
from service.database.session import reading
from service.database.tables import case
from simulation.arrivals import ITEMS
from simulation.planting.plot import Plot
from simulation.truth import Deed

# Items with enough cases that somebody could miss them within the time.
_WINDOWS, _ITEMS = ("SG", "ZR"), ("LJ-MZ-XK-001", "LJ-YJ-XK-001")
_WINDOW_DAYS, _ITEM_DAYS = 12, 30
# So many cases within that time can be missed: of a window by how busy it is, of an item by its season.
_MISSED, _SEASON = 16, 16
# The Spring Festival, on which every window is silent.
_HOLIDAY = (date(2025, 1, 28), date(2025, 2, 5))


def fall_silent(plot: Plot) -> None:
    """Before anything else is planned."""
    arrivals, days = plot.arrivals, plot.arrivals.days
    per_day = plot.cases / len(days) / sum(ITEMS.values())
    if len(days) < 60:
        return
    _holiday(plot)
    if per_day * ITEMS["LJ-ZR-QR-001"] * _WINDOW_DAYS >= _MISSED:
        window = plot.chance.choice(_WINDOWS)
        first = plot.chance.randrange(int(len(days) * 0.6), int(len(days) * 0.75))
        quiet = days[first : first + _WINDOW_DAYS]
        arrivals.fall_silent(window, quiet)
        deed = plot.deed("off_system", "silent_window", lasting=True)
        # What the window takes in falls silent with it.
        deed.items += [_category(item) for item in ITEMS if item.split("-")[1] == window]
        _missed(plot, deed, window, window, quiet[0], quiet[-1] + timedelta(days=1))
    item = plot.chance.choice(_ITEMS)
    begins = days[plot.chance.randrange(int(len(days) * 0.3), int(len(days) * 0.55))]
    hidden = [begins + timedelta(days=n) for n in range(_ITEM_DAYS)]
    arrivals.silent[item.split("-")[1]] = frozenset(hidden)
    arrivals.hidden += [(item, plot.chance.choice(hidden)) for _ in range(_SEASON)]
    deed = plot.deed("off_system", "silent_item", lasting=True)
    department = item.split("-")[1]
    _missed(plot, deed, department, _category(item), begins, begins + timedelta(days=_ITEM_DAYS))


def _category(item: str) -> str:
    """The department and category by which earlier years were counted."""
    return "-".join(item.split("-")[1:3])


def _holiday(plot: Plot) -> None:
    """No window takes in anything for eight days, and none is missed."""
    zone = plot.hands.calendar.zone
    deed = plot.deed("off_system", "holiday_silence", innocent=True)
    deed.items += [*_WINDOWS, *(_category(item) for item in ITEMS)]
    deed.begun_at, deed.done_at = (datetime.combine(day, time(), zone) for day in _HOLIDAY)


def _missed(plot: Plot, deed: Deed, department: str, name: str, first: date, over: date) -> None:
    """It is whole when these days are over, if nothing came in on them."""
    zone = plot.hands.calendar.zone
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, over))

    def over_now() -> Iterator[datetime]:
        came = select(func.count()).where(
            case.c.department == department,
            case.c.kind == "item",
            case.c.created_at >= begins,
            case.c.created_at < ends,
        )
        with reading(plot.hands.engine) as connection:
            if connection.execute(came).scalar_one():
                return
        deed.begun_at, deed.department = begins, department
        deed.items.append(name)
        deed.act(ends)
        yield from ()

    plot.happens(ends, over_now())


def volumes_of_the_year_before(plot: Plot) -> None:
    """Last year was as this one would have been, had nothing gone past the system; more or less."""
    counts = Counter(
        (*item.split("-")[1:3], f"{day.year - 1}-{day.month:02d}")
        for item, day in (*plot.comers, *plot.arrivals.hidden)
    )
    lines = [
        f"{department},{category},{month},{round(count * (0.9 + 0.2 * plot.chance.random()))},0"
        for (department, category, month), count in sorted(counts.items())
    ]
    content = "\n".join(["dept_code,category,month,cases,amount_fen", *lines]).encode()

    def taken_in() -> Iterator[datetime]:
        hands = plot.hands
        perform(hands.engine, lambda c: import_volumes(c, hands.named("sup2"), content, hands.now))
        yield from ()

    plot.happens(plot.arrivals.moment_of(plot.arrivals.days[0]), taken_in())
