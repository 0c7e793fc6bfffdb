"""过早、补录: visits of a minute, desks of seconds, whole cases in minutes; quick renewals, visits just long enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.demo.playing import Task
from simulation.hands import Hands
from simulation.planting.plot import Plot
from simulation.planting.treasury import code_and_amount, line, take_in
from simulation.truth import Deed

_VISITED = ("LJ-SG-XK-001", "LJ-WJ-XK-001", "LJ-YJ-XK-001", "LJ-MZ-XK-001")
CHOICES = {
    "LJ-SG-XK-001": {"application_kind": "new"},
    "LJ-MZ-XK-001": {"reg_kind": "found"},
}
RENEWAL = {"application_kind": "extend", "layout": "no"}
# In a county of so many cases a step has a history to tell by when the year is half over.
_HISTORY = 250
# Asked for so seldom that its steps have no history of their own.
_RARE = "LJ-HB-XK-001"


def hurried_visit(plot: Plot) -> None:
    """Two officers have been on site and back within some minutes: the act itself must halt the case."""
    item = plot.chance.choice(_VISITED)
    course = plot.arrivals.course(item, plot.arrivals.moment(0.95), **CHOICES.get(item, {}))
    course.after["site_survey"] = plot.seconds(40, 900)
    course.ruling = plot.chance.choice(("redo", "redo", "release"))
    course.does("site_survey", plot.deed("too_early", "hurried_visit", halts=True))
    plot.take(course)


def hurried_desk(plot: Plot) -> None:
    """Papers are checked within seconds."""
    course = plot.arrivals.course(plot.arrivals.item(), plot.arrivals.moment(0.95))
    course.after["formal_check"] = plot.seconds(8, 50)
    course.does("formal_check", plot.deed("too_early", "hurried_desk"))
    plot.take(course)


def whole_case_in_minutes(plot: Plot) -> None:
    """Back-filling: three people's steps follow each other within five minutes, each at its minimum."""
    course = plot.arrivals.course("LJ-SG-XK-001", plot.arrivals.moment(0.95), **RENEWAL)
    course.after |= {
        "formal_check": plot.seconds(62, 70),
        "section_review": plot.seconds(181, 190),
        "decide": plot.seconds(61, 70),
    }
    deed = plot.deed("too_early", "whole_case_in_minutes", acts=3)
    for step in ("formal_check", "section_review", "decide"):
        course.does(step, deed)
    plot.take(course)


def far_below_peers(plot: Plot) -> None:
    """A certificate is made within seconds where others take hours, once there is a history to tell."""
    _made_in_seconds(plot, "LJ-ZR-QR-001", "far_below_peers")


def rare_item_in_seconds(plot: Plot) -> None:
    """The same in an item that few ask for: only its peers can tell."""
    _made_in_seconds(plot, _RARE, "rare_item_in_seconds")


def _made_in_seconds(plot: Plot, item: str, form: str) -> None:
    if plot.cases < _HISTORY:
        return
    day = plot.arrivals.workday(0.6, 0.95)
    course = plot.arrivals.course(item, plot.arrivals.moment_of(day))
    course.after["print_certificate"] = plot.seconds(2, 9)
    course.does("print_certificate", plot.deed("too_early", form))
    plot.take(course)


def paid_before_entry(plot: Plot) -> None:
    """The money came in days before the case was entered."""
    deed = plot.deed("too_early", "paid_before_entry")
    course = plot.arrivals.course("LJ-ZR-QR-001", plot.arrivals.moment(0.9))

    def money(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        yield hands.office_time(1 + 3 * hands.chance())
        code, amount = code_and_amount(hands, number)
        paid_on = course.begins.date() - timedelta(days=2 + hands.chances.randrange(5))
        receipt = take_in(hands, line(hands, code, amount, paid_on, "ZR"))
        _of(deed, number, receipt, hands.now)
        yield hands.now + timedelta(minutes=1)

    course.episodes["payment"] = money
    plot.take(course)


def _of(deed: Deed, number: str, receipt: str, at: datetime) -> None:
    deed.about(number)
    deed.receipts.append(receipt)
    deed.act(at)


def quick_renewal(plot: Plot) -> None:
    """A simple renewal that three people do one after the other within the half hour, each properly."""
    course = plot.arrivals.course("LJ-SG-XK-001", plot.arrivals.moment(0.95), **RENEWAL)
    course.after |= {
        "formal_check": plot.seconds(120, 300),
        "section_review": plot.seconds(480, 1200),
        "decide": plot.seconds(300, 900),
    }
    course.does("decide", plot.deed("too_early", "quick_renewal", innocent=True))
    plot.take(course)


def short_visit(plot: Plot) -> None:
    """A shop round the corner: the visit takes some minutes longer than it must."""
    course = plot.arrivals.course("LJ-SG-XK-001", plot.arrivals.moment(0.95), application_kind="new")
    course.after["site_survey"] = timedelta(minutes=22 + 18 * plot.chance.random())
    course.does("site_survey", plot.deed("too_early", "short_visit", innocent=True))
    plot.take(course)


BREACHES = {
    hurried_visit: 3,
    hurried_desk: 3,
    whole_case_in_minutes: 3,
    far_below_peers: 3,
    rare_item_in_seconds: 1,
    paid_before_entry: 3,
}
INNOCENT = {quick_renewal: 4, short_visit: 4}
# Whoever waits for the minimum breaks no rule of time any more: that is bunching.
ADAPTED = {paid_before_entry: 5, far_below_peers: 5, rare_item_in_seconds: 1}
