"""批量录入: a month's applications are let lie and accepted on its last working day; and last days that are just busy.

Scores are counted by the month (考核), as the county publishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from simulation.arrivals import ITEMS
from simulation.planting.plot import Plot
from simulation.planting.too_early import RENEWAL
from simulation.staffing import username
from simulation.truth import Deed

_ITEM, _POSTS = "LJ-SG-XK-001", ("clerk", "clerk2")
# A clerk has so many working days behind him, by which one can tell what is usual.
_BEHIND = 15
# So many times what comes to him on an ordinary day.
_TIMES = 6
_LEAST = 13
# Minutes of the office's day, one after the other; lunch lies between.
_MORNING, _AFTERNOON = (8 * 60 + 40, 11 * 60 + 50), (13 * 60 + 40, 17 * 60 + 20)


def eve_of_scoring(plot: Plot) -> None:
    """He accepts on the last day what came in the days before, as calmly as the day is long.

    Who has read the rule keeps below its figure, and does the rest on the day before.
    """
    found = _next_eve(plot)
    if found is None:
        return
    place, parity, desk = found
    days = plot.arrivals.days
    each = _many(plot)
    counts = {days[place]: each}
    if plot.adaptive:
        each = plot.published.figure("batch.eve", "least", each + 1) - 1
        counts = {days[place - 1]: each, days[place]: each}
    deed = plot.deed("batch", "eve_of_scoring", acts=sum(counts.values()))
    for day, many in counts.items():
        before = days[max(0, days.index(day) - 3) : days.index(day)]
        for minute in _minutes(plot, many):
            at = datetime.combine(day, time(), plot.hands.calendar.zone) + minute
            _lies_until(plot, plot.chance.choice(before), at, (parity, desk), deed)


def _many(plot: Plot) -> int:
    of_item = plot.cases * ITEMS[_ITEM] / sum(ITEMS.values())
    usual = of_item / len(plot.arrivals.days) / len(_POSTS) / plot.arrivals.desks_of(_ITEM)
    return max(_LEAST, round(_TIMES * usual))


def _lies_until(plot: Plot, came: date, at: datetime, whose: tuple[int, int], deed: Deed) -> None:
    parity, desk = whose
    course = plot.arrivals.course_of_parity(_ITEM, plot.arrivals.moment_of(came), parity, desk, **RENEWAL)
    clerk = username("SG", _POSTS[parity], desk)
    course.doers |= {"start": clerk, "formal_check": clerk}
    course.instants["formal_check"] = at
    course.does("formal_check", deed)
    plot.take(course)


def _minutes(plot: Plot, many: int) -> list[timedelta]:
    """So many instants of a day in the office, none at once with another."""
    halves = (many - many // 2, _MORNING), (many // 2, _AFTERNOON)
    found = []
    for count, (begins, ends) in halves:
        step = (ends - begins) / max(count, 1)
        found += [timedelta(minutes=begins + step * (n + 0.7 * plot.chance.random())) for n in range(count)]
    return found


def busy_last_day(plot: Plot) -> None:
    """Many come on a month's last day, and are served as they come."""
    found = _next_eve(plot)
    if found is None:
        return
    place, parity, desk = found
    day = plot.arrivals.days[place]
    deed = plot.deed("batch", "busy_last_day", acts=8, innocent=True)
    for _ in range(deed.acts):
        course = plot.arrivals.course_of_parity(_ITEM, plot.arrivals.moment_of(day), parity, desk, **RENEWAL)
        course.does("formal_check", deed)
        plot.take(course)


def _next_eve(plot: Plot) -> tuple[int, int, int] | None:
    """The place of a month's last working day among the days, and which clerk of which desk; none comes twice."""
    desk = plot.arrivals.desk(_ITEM)
    among = [f"{place}/{parity}/{desk}" for place in _eves(plot) for parity in range(len(_POSTS))]
    found = plot.next_one("eve", among)
    if found is None:
        return None
    place, parity, _ = found.split("/")
    return int(place), int(parity), desk


def _eves(plot: Plot) -> Sequence[int]:
    days = plot.arrivals.days
    silent = plot.arrivals.silent.get(_ITEM.split("-")[1], frozenset())
    return [
        place
        for place in range(_BEHIND, len(days) - 1)
        if days[place + 1].month != days[place].month and not silent.intersection(days[place - 4 : place + 1])
    ]


BREACHES = {eve_of_scoring: 1}
INNOCENT = {busy_last_day: 1}
