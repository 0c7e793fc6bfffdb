"""收费异常: one office waives what it should take in, case after case; and reductions as anybody gets them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.commands.performing import perform
from service.commands.propose_fee_change import REDUCTION, ProposeFeeChange, propose_fee_change
from service.demo.playing import Task
from simulation.course import Course, Episode
from simulation.hands import Hands, own_paper
from simulation.planting.plot import Plot
from simulation.planting.treasury import code_and_amount
from simulation.truth import Deed

_LEVY, _REGISTRATION = "LJ-ZJ-ZS-001", "LJ-ZR-QR-001"
_MANY = 6
_STEPS = ("section", "head")


def levy_waived(plot: Plot) -> None:
    """Whoever digs up a road pays a third: the clerk proposes it, and section and head agree, every time."""
    if plot.next_one("waived", (_LEVY,)) is None:
        return
    deed = plot.deed("fee", "levy_waived", acts=2 * _MANY)
    days = plot.arrivals.open_days
    first = days.index(plot.arrivals.workday(0.0, 0.5))
    for place in range(_MANY):
        begins = plot.arrivals.moment_of(days[min(first + 2 * place, len(days) - 1)])
        _reduced(plot, _LEVY, begins, deed, 70)


def levy_paid(plot: Plot) -> None:
    """Whoever digs up a road pays for it."""
    course = plot.arrivals.course(_LEVY, plot.arrivals.moment(0.7), reduction_asked="no")
    course.does("assess_fee", plot.deed("fee", "levy_paid", innocent=True))
    plot.take(course)


def hardship(plot: Plot) -> None:
    """A family that lives on relief pays half of a registration's fee."""
    deed = plot.deed("fee", "hardship", innocent=True)
    _reduced(plot, _REGISTRATION, plot.arrivals.moment(0.85), deed, 50)


def _reduced(plot: Plot, item: str, begins: datetime, deed: Deed, percent: int) -> None:
    course = plot.arrivals.course(item, begins, reduction_asked="no")
    course.episodes["payment"] = _reducing(course, deed, percent)
    plot.take(course)


def _reducing(course: Course, deed: Deed, percent: int) -> Episode:
    def reduces(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        yield hands.next_office_time(hands.office_time(0.3 + hands.chance()))
        clerk = hands.starter(course.story)
        fen = code_and_amount(hands, number)[1] * percent // 100
        asked = ProposeFeeChange(number, REDUCTION, fen, "县政府专题会议纪要第 12 号", "申请人生产经营困难")
        change = perform(hands.engine, lambda c: propose_fee_change(c, hands.services, clerk, asked, hands.now))
        hands.attach(change, "fee_paper", own_paper(f"fee {change}"), clerk)
        deed.about(number, clerk.person_id)
        deed.department = clerk.department
        deed.act(hands.now)
        for post in _STEPS:
            yield hands.next_office_time(hands.office_time(0.5 + 3 * hands.chance()))
            _agrees(hands, course, change, post)
        if deed.acts > 1:
            deed.act(hands.now)
        yield hands.next_office_time(hands.now + timedelta(hours=4 + 20 * hands.chance()))
        hands.pay(number)

    return reduces


def _agrees(hands: Hands, course: Course, change: str, post: str) -> None:
    task = hands.open_task(change)
    if task is None:
        return
    agreed = {"review_result": "agree", "review_note": "情况属实，同意。"}
    granted = {"change_decision": "grant", "change_reason": "依据专题会议纪要，准予减免。"}
    hands.complete_as(change, task, agreed if post == "section" else granted, hands.staff(course.story, post))


BREACHES = {levy_waived: 1}
INNOCENT = {levy_paid: 3, hardship: 3}
