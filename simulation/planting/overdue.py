"""超期: steps and cases that are left lying past their limits; and slow ones that just keep them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.demo.playing import Task
from simulation.hands import Hands
from simulation.planting.plot import Plot

_STEPS = ("section_review", "decide", "print_certificate", "site_survey")


def step_left_lying(plot: Plot) -> None:
    """Somebody does a step one to three days too late."""
    item = plot.chance.choice(("LJ-SG-XK-001", "LJ-ZR-QR-001", "LJ-WJ-XK-001", "LJ-YJ-XK-001", "LJ-MZ-XK-001"))
    course = plot.arrivals.course(item, plot.arrivals.moment(0.85))
    steps = _STEPS[:3] if item in ("LJ-ZR-QR-001", "LJ-SG-XK-001", "LJ-MZ-XK-001") else _STEPS
    step = plot.chance.choice(steps)
    course.past_due[step] = timedelta(hours=2 + 60 * plot.chance.random())
    course.does(step, plot.deed("overdue", "step_left_lying"))
    plot.take(course)


def case_past_the_law(plot: Plot) -> None:
    """The decision is left lying until the limit of the law is over, whatever is answered of it."""
    course = plot.arrivals.course("LJ-SG-XK-001", plot.arrivals.moment(0.6))
    step, law = plot.deed("overdue", "step_left_lying"), plot.deed("overdue", "case_past_the_law")

    def begun(_hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        plot.stubborn[number] = plot.deed("supervision", "answered_unchanged")
        yield from ()

    def lies(hands: Hands, number: str, task: Task | None) -> Iterator[datetime]:
        until = hands.law_due_at(number)
        if task is None or task.due_at is None or until is None:
            return
        for deed, at in ((step, task.due_at), (law, until)):
            deed.about(number)
            deed.department = task.department
            deed.act(at)
        yield hands.next_office_time(until + timedelta(hours=2 + 20 * hands.chance()))

    course.episodes |= {"started": begun, "decide": lies}
    plot.take(course)


def slow_but_in_time(plot: Plot) -> None:
    """A step done within the last hour of its limit: warned of, never late."""
    course = plot.arrivals.course("LJ-SG-XK-001", plot.arrivals.moment(0.9))
    course.past_due["section_review"] = -timedelta(minutes=10 + 40 * plot.chance.random())
    course.does("section_review", plot.deed("overdue", "slow_but_in_time", innocent=True))
    plot.take(course)


BREACHES = {step_left_lying: 10, case_past_the_law: 1}
INNOCENT = {slow_but_in_time: 8}
