"""卡点办理: visits that end seconds after their minimum, time after time; and one that happens to."""

from __future__ import annotations

from datetime import timedelta

from simulation.planting.plot import Plot

_ITEM = "LJ-WJ-XK-001"


def just_past_the_minimum(plot: Plot) -> None:
    """One officer waits for the clock: 30:01, 30:02, 30:05 …"""
    many = 7
    deed = plot.deed("bunching", "just_past_the_minimum", acts=many)
    day = plot.arrivals.workday(0.05, 0.85)
    for place in range(many):
        begins = plot.arrivals.moment_of(day) + timedelta(days=2 * place)
        course = plot.arrivals.course(_ITEM, begins)
        course.past_minimum["site_survey"] = plot.seconds(1, 15)
        course.does("site_survey", deed)
        plot.take(course)


def once_just_past(plot: Plot) -> None:
    """Somebody else's visit happens to end in the minute after the minimum."""
    course = plot.arrivals.course("LJ-YJ-XK-001", plot.arrivals.moment(0.9))
    course.past_minimum["site_survey"] = plot.seconds(5, 60)
    course.does("site_survey", plot.deed("bunching", "once_just_past", innocent=True))
    plot.take(course)


def past_the_band(plot: Plot) -> None:
    """The same, but always a little after the band that is published."""
    percent = plot.published.figure("bunched.minimum", "percent_past", 8)
    many = 7
    deed = plot.deed("bunching", "past_the_band", acts=many)
    day = plot.arrivals.workday(0.05, 0.85)
    for place in range(many):
        course = plot.arrivals.course(_ITEM, plot.arrivals.moment_of(day) + timedelta(days=2 * place))
        # A visit of that item takes at least an hour.
        course.past_minimum["site_survey"] = timedelta(hours=1) * (percent + 1) / 100 + plot.seconds(0, 60)
        course.does("site_survey", deed)
        plot.take(course)


BREACHES = (just_past_the_minimum,)
ADAPTED = (just_past_the_minimum, past_the_band)
INNOCENT = (once_just_past,)
