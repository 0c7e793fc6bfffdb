"""卡点办理: visits that end seconds after their minimum, time after time; and one that happens to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from simulation.planting.plot import Plot
from simulation.planting.too_early import CHOICES

# Minutes that a visit takes at least, as the items say.
MINIMUM = {"LJ-WJ-XK-001": 60, "LJ-YJ-XK-001": 30, "LJ-SG-XK-001": 20, "LJ-MZ-XK-001": 30}
_MANY = 5
# Parts of the year that lie more than a month apart.
_PARTS = {"early": (0.02, 0.2), "late": (0.65, 0.82)}


def just_past_the_minimum(plot: Plot) -> None:
    """One officer waits for the clock: 30:01, 30:02, 30:05 …"""
    _wait(plot, "just_past_the_minimum", tuple(MINIMUM), lambda _: plot.seconds(1, 15))


def past_the_band(plot: Plot) -> None:
    """The same, but always a little after the band that is published."""
    percent = plot.published.figure("bunched.minimum", "percent_past", 8)

    def past(item: str) -> timedelta:
        return timedelta(minutes=MINIMUM[item]) * (percent + 1) / 100 + plot.seconds(0, 60)

    _wait(plot, "past_the_band", ("LJ-WJ-XK-001", "LJ-YJ-XK-001"), past)


def _wait(plot: Plot, form: str, items: tuple[str, ...], past: Callable[[str], timedelta]) -> None:
    found = _next_officer(plot, "bunching", items, _PARTS)
    if found is None:
        return
    item, desk, part = found
    deed = plot.deed("bunching", form, acts=_MANY)
    day = plot.arrivals.workday(*_PARTS[part])
    for place in range(_MANY):
        begins = plot.arrivals.moment_of(day) + timedelta(days=2 * place)
        course = plot.arrivals.course(item, begins, desk, **CHOICES.get(item, {}))
        course.past_minimum["site_survey"] = past(item)
        course.does("site_survey", deed)
        plot.take(course)


def once_just_past(plot: Plot) -> None:
    """Somebody's visit happens to end in the minute after the minimum; the same officer's again in another month."""
    days = plot.arrivals.open_days[: int(len(plot.arrivals.open_days) * 0.9)]
    found = _next_officer(plot, "once", ("LJ-YJ-XK-001",), {f"{day:%Y-%m}" for day in days})
    if found is None:
        return
    item, desk, month = found
    day = plot.chance.choice([day for day in days if f"{day:%Y-%m}" == month])
    course = plot.arrivals.course(item, plot.arrivals.moment_of(day), desk)
    course.past_minimum["site_survey"] = plot.seconds(5, 60)
    course.does("site_survey", plot.deed("bunching", "once_just_past", innocent=True))
    plot.take(course)


def _next_officer(plot: Plot, what: str, items: Iterable[str], parts: Iterable[str]) -> tuple[str, int, str] | None:
    """An item, a row of desks and a part of the year that have not had their turn."""
    found = plot.next_one(
        what,
        [
            f"{item}/{desk}/{part}"
            for item in items
            for desk in range(plot.arrivals.desks_of(item))
            for part in sorted(parts)
        ],
    )
    if found is None:
        return None
    item, desk, part = found.split("/")
    return item, int(desk), part


BREACHES = {just_past_the_minimum: 8}
ADAPTED = {just_past_the_minimum: 4, past_the_band: 4}
INNOCENT = {once_just_past: 3}
