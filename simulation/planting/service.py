"""服务: complaints that are right, bad ratings, words that nobody answers; praise, and complaints that are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.commands.hear_public import AnswerFeedback, GiveFeedback, answer_feedback, give_feedback
from service.commands.performing import perform
from service.demo.playing import Task
from simulation.hands import Hands
from simulation.planting.plot import Plot
from simulation.truth import Deed

_ITEMS = ("LJ-SG-XK-001", "LJ-ZR-QR-001", "LJ-WJ-XK-001")


def bad_rating(plot: Plot) -> None:
    """One or two stars; the office answers in time."""
    _says(plot, plot.deed("service", "bad_rating"), 1 + plot.chance.randrange(2), "跑了三趟，态度生硬。")


def fair_rating(plot: Plot) -> None:
    """Three stars and more."""
    deed = plot.deed("service", "fair_rating", innocent=True)
    _says(plot, deed, 3 + plot.chance.randrange(3), "办得还可以。")


def founded_complaint(plot: Plot) -> None:
    """Somebody complains, and is found to be right."""
    _complains(plot, plot.deed("service", "founded_complaint"), founded=True)


def unfounded_complaint(plot: Plot) -> None:
    """Somebody complains and is answered in time: nothing was wrong."""
    _complains(plot, plot.deed("service", "unfounded_complaint", innocent=True), founded=False)


def unanswered_complaint(plot: Plot) -> None:
    """Nobody answers."""
    _complains(plot, plot.deed("service", "unanswered_complaint"), founded=None)


def _says(plot: Plot, deed: Deed, stars: int, text: str) -> None:
    course = plot.arrivals.course(plot.chance.choice(_ITEMS), plot.arrivals.moment(0.8))

    def rates(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        yield hands.now + timedelta(hours=1 + 40 * hands.chance())
        given = GiveFeedback(number, "rating", stars, text)
        said = perform(hands.engine, lambda c: give_feedback(c, hands.services, given, hands.now))
        deed.about(number)
        deed.act(hands.now)
        if stars <= 2:
            yield hands.next_office_time(hands.office_time(3 + 8 * hands.chance()))
            _answer(hands, course.story.power_item, said, None)

    course.episodes["ended"] = rates
    plot.take(course)


def _complains(plot: Plot, deed: Deed, *, founded: bool | None) -> None:
    course = plot.arrivals.course(plot.chance.choice(_ITEMS), plot.arrivals.moment(0.8))
    days = plot.published.figure("service.unanswered", "complaint_days", 5)

    def complains(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        yield hands.now + timedelta(hours=1 + 40 * hands.chance())
        given = GiveFeedback(number, "complaint", None, "窗口让我补了两次材料，说法前后不一。")
        said = perform(hands.engine, lambda c: give_feedback(c, hands.services, given, hands.now))
        deed.about(number)
        if founded is None:
            deed.begun_at = hands.now
            deed.act(until := hands.calendar.add_working_days(hands.now, days))
            plot.wake(until)
            return
        yield hands.next_office_time(hands.office_time(6 + 12 * hands.chance()))
        _answer(hands, course.story.power_item, said, founded)
        deed.act(hands.now)

    course.episodes["ended"] = complains
    plot.take(course)


def _answer(hands: Hands, item: str, said: int, founded: bool | None) -> None:
    head = hands.named(f"{item.split('-')[1].lower()}_head")
    command = AnswerFeedback(said, "已当面说明并致歉，今后一次告知。", founded)
    perform(hands.engine, lambda c: answer_feedback(c, hands.services, head, command, hands.now))


BREACHES = {bad_rating: 4, founded_complaint: 3, unanswered_complaint: 3}
INNOCENT = {fair_rating: 4, unfounded_complaint: 4}
