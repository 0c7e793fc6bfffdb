"""批量录入: many cases of one item within minutes, nights of work; and busy fair days, honest evenings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from simulation.planting.plot import Plot
from simulation.staffing import username
from simulation.truth import Deed

ITEM = "LJ-ZR-QR-001"


def burst(plot: Plot) -> None:
    """A clerk lets the day's applications lie and accepts them all within minutes.

    Who has read the rules keeps just under so many in so many minutes, and goes on.
    """
    many = 7 + plot.chance.randrange(4)
    gap = plot.seconds(18, 45)
    if plot.adaptive:
        cases = plot.published.figure("batch.burst", "cases", 5)
        minutes = plot.published.figure("batch.burst", "minutes", 10)
        gap = timedelta(minutes=minutes) / (cases - 1) + timedelta(seconds=2)
        many = 12
    _accept_all(plot, plot.deed("batch", "burst"), many, gap)


def scattered_burst(plot: Plot) -> None:
    """As slow as the figure asks for, and uneven as well, for even intervals are published too."""
    cases = plot.published.figure("batch.burst", "cases", 5)
    gap = timedelta(minutes=plot.published.figure("batch.burst", "minutes", 10)) / (cases - 1)
    _accept_all(plot, plot.deed("batch", "scattered_burst"), 12, gap * 1.15, jitter=gap.total_seconds() * 0.25)


def rotated_burst(plot: Plot) -> None:
    """Two accounts take turns, each below the figure, at one terminal."""
    many = 2 * (plot.published.figure("batch.burst", "cases", 5) - 1)
    deed = plot.deed("batch", "rotated_burst")
    _accept_all(plot, deed, many, plot.seconds(20, 40), rotate=True)


def accounts_and_terminals(plot: Plot) -> None:
    """Two accounts take turns, each at a terminal of its own and below the figure: one pair of hands, two tables."""
    many = 2 * (plot.published.figure("batch.burst", "cases", 5) - 1)
    deed = plot.deed("batch", "accounts_and_terminals")
    _accept_all(plot, deed, many, plot.seconds(20, 40), rotate=True, one_terminal=False)


def even_entries(plot: Plot) -> None:
    """One after the other at the same pace, whatever they are: what is entered so has been done elsewhere."""
    _accept_all(plot, plot.deed("batch", "even_entries"), 8, plot.seconds(200, 300))


def fair_day(plot: Plot) -> None:
    """A fair: the window is full, and the clerk takes one after the other, each as long as it takes."""
    _accept_all(plot, plot.deed("batch", "fair_day", innocent=True), 9, plot.seconds(240, 330), uneven=0.5)


def _accept_all(
    plot: Plot,
    deed: Deed,
    many: int,
    gap: timedelta,
    *,
    rotate: bool = False,
    one_terminal: bool = True,
    jitter: float = 3,
    uneven: float = 0,
) -> None:
    day = plot.arrivals.workday()
    zone = plot.hands.calendar.zone
    parity, desk = plot.chance.randrange(2), plot.arrivals.desk(ITEM)
    both = (username("ZR", "clerk", desk), username("ZR", "clerk2", desk))
    clerk = both[parity]
    at = datetime.combine(day, time(15, 10 + plot.chance.randrange(15)), zone)
    deed.acts = deed.parts = many
    for who in both if rotate else (clerk,):
        plot.hands.engage(who, at - timedelta(minutes=2), at + many * gap * (1 + uneven))
    for place in range(many):
        begins = datetime.combine(day, time(9, 5), zone) + plot.seconds(0, 3 * 3600)
        course = plot.arrivals.course_of_parity(ITEM, begins, parity, desk)
        who = both[place % 2] if rotate else clerk
        if rotate and one_terminal:
            course.seats["formal_check"] = f"terminal-of-the-window-{desk}"
        course.doers |= {"start": who, "formal_check": who}
        course.instants |= {"start": begins, "formal_check": at + plot.seconds(0, jitter)}
        at += gap * (1 - uneven + 2 * uneven * plot.chance.random())
        course.does("formal_check", deed)
        plot.take(course)


def night_of_entries(plot: Plot) -> None:
    """Late at night a clerk enters what should have been done by day; who has read the rule does two a night."""
    acts = plot.published.figure("odd_hours.acts", "acts", 3)
    many, nights = (acts + 1, 1) if not plot.adaptive else (2 * (acts - 1), 2)
    _by_night(plot, plot.deed("batch", "night_of_entries", acts=many), many // nights, nights)


def honest_evening(plot: Plot) -> None:
    """Somebody stays late to finish one application."""
    _by_night(plot, plot.deed("batch", "honest_evening", innocent=True), 1, 1)


def day_of_rest_entries(plot: Plot) -> None:
    """A Saturday of work, of which nobody knows why."""
    acts = plot.published.figure("odd_hours.acts", "acts", 3) + 1
    _on_a_day_of_rest(plot, plot.deed("batch", "day_of_rest_entries", acts=acts))


def honest_day_of_rest(plot: Plot) -> None:
    """Somebody comes in for one urgent application."""
    _on_a_day_of_rest(plot, plot.deed("batch", "honest_day_of_rest", innocent=True))


def _on_a_day_of_rest(plot: Plot, deed: Deed) -> None:
    """Those of the last working day before it, and no holiday's: they would be late."""
    zone, parity = plot.hands.calendar.zone, plot.chance.randrange(2)
    desk = plot.arrivals.desk("LJ-WJ-XK-001")
    fridays = [day for day in plot.arrivals.open_days[:-5] if _is_before_a_weekend(plot, day)]
    if not fridays:
        return
    day = plot.chance.choice(fridays)
    for place in range(deed.acts):
        begins = datetime.combine(day, time(15, 12 * place), zone) + plot.seconds(0, 300)
        course = plot.arrivals.course_of_parity("LJ-WJ-XK-001", begins, parity, desk)
        at = datetime.combine(day + timedelta(days=1), time(10, 5), zone) + timedelta(minutes=23 * place)
        course.instants |= {"start": begins, "formal_check": at + plot.seconds(0, 600)}
        course.does("formal_check", deed)
        plot.take(course)


def _is_before_a_weekend(plot: Plot, day: date) -> bool:
    is_workday = plot.hands.calendar.is_workday
    return [is_workday(day + timedelta(days=n)) for n in (1, 2, 3)] == [False, False, True]


def _by_night(plot: Plot, deed: Deed, many: int, nights: int) -> None:
    zone, parity = plot.hands.calendar.zone, plot.chance.randrange(2)
    desk = plot.arrivals.desk("LJ-WJ-XK-001")
    first = plot.arrivals.open_days.index(plot.arrivals.workday())
    for night in range(nights):
        day = plot.arrivals.open_days[first + night]
        for place in range(many):
            begins = datetime.combine(day, time(15, 12 * place), zone) + plot.seconds(0, 300)
            course = plot.arrivals.course_of_parity("LJ-WJ-XK-001", begins, parity, desk)
            at = datetime.combine(day, time(22, 15), zone) + timedelta(minutes=17 * place)
            course.instants |= {"start": begins, "formal_check": at + plot.seconds(0, 300)}
            course.does("formal_check", deed)
            plot.take(course)


BREACHES = {burst: 3, rotated_burst: 2, even_entries: 2, night_of_entries: 3, day_of_rest_entries: 3}
INNOCENT = {fair_day: 3, honest_evening: 3, honest_day_of_rest: 3}
ADAPTED = {burst: 2, scattered_burst: 2, rotated_burst: 2, accounts_and_terminals: 2, night_of_entries: 3}
