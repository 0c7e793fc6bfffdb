"""材料异常: papers asked for too late or twice, empty files, one file for many cases; and what happens to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.demo.answers import Story
from service.demo.playing import Task
from simulation.course import Episode
from simulation.hands import Hands, own_paper
from simulation.planting.plot import Plot
from simulation.truth import Deed


def returned_after_acceptance(plot: Plot) -> None:
    """The review finds that papers are missing which the clerk has accepted; the applicant must come again."""
    course = plot.arrivals.course("LJ-ZR-QR-001", plot.arrivals.moment(0.9))
    course.returns = 1
    course.second_check = plot.deed("material", "returned_after_acceptance")
    plot.take(course)


def asked_twice(plot: Plot) -> None:
    """One notice names half of what is missing, the next one the rest."""
    course = plot.arrivals.course("LJ-SG-XK-001", plot.arrivals.moment(0.9))
    course.corrections = 2
    course.second_check = plot.deed("material", "asked_twice")
    plot.take(course)


def asked_once(plot: Plot) -> None:
    """One notice that names everything."""
    course = plot.arrivals.course("LJ-SG-XK-001", plot.arrivals.moment(0.9))
    course.corrections = 1
    course.does("decide", plot.deed("material", "asked_once", innocent=True))
    plot.take(course)


def empty_file(plot: Plot) -> None:
    """A file without a page stands in for the paper; who has read the rule fills it with blank lines."""
    deed = plot.deed("material", "empty_file")
    content = b"%PDF-1.4\n%%EOF\n"
    if plot.adaptive:
        content += b"\n" * plot.published.figure("material.empty", "bytes", 40)
    course = plot.arrivals.course("LJ-WJ-XK-001", plot.arrivals.moment(0.95))

    def puts(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        clerk = hands.starter(course.story)
        material = hands.one_material(course.story)
        hands.attach(number, material.key, content, clerk)
        deed.about(number, clerk.person_id)
        deed.act(hands.now)
        yield from ()

    course.episodes["started"] = puts
    plot.take(course)


def one_file_for_many(plot: Plot) -> None:
    """The same scan lies in four cases, whoever applies."""
    _share(plot, plot.deed("material", "one_file_for_many", acts=4))


def one_file_for_two(plot: Plot) -> None:
    """A chain opens two shops and hands in the same licence twice."""
    _share(plot, plot.deed("material", "one_file_for_two", acts=2, innocent=True))


def _share(plot: Plot, deed: Deed) -> None:
    content = own_paper(f"shared {plot.chance.random()}")
    day = plot.arrivals.workday(0.0, 0.85)
    for place in range(deed.acts):
        begins = plot.arrivals.moment_of(day) + timedelta(days=place * 9 if plot.adaptive else 0)
        course = plot.arrivals.course("LJ-SG-XK-001", begins, application_kind="new")
        course.episodes["started"] = _putting(deed, content, course.story)
        plot.take(course)


def _putting(deed: Deed, content: bytes, story: Story) -> Episode:
    def puts(hands: Hands, number: str, _task: Task | None) -> Iterator[datetime]:
        clerk = hands.starter(story)
        hands.attach(number, hands.one_material(story).key, content, clerk)
        deed.about(number)
        deed.act(hands.now)
        yield from ()

    return puts


def refused_again_and_again(plot: Plot) -> None:
    """The officer tries to pass the visit without its record, three times."""
    _try(plot, plot.deed("material", "refused_again_and_again", acts=3))


def forgotten_once(plot: Plot) -> None:
    """The officer forgets the record once."""
    _try(plot, plot.deed("material", "forgotten_once", innocent=True))


def _try(plot: Plot, deed: Deed) -> None:
    course = plot.arrivals.course("LJ-MZ-XK-001", plot.arrivals.moment(0.95), reg_kind="found")

    def tries(hands: Hands, number: str, task: Task | None) -> Iterator[datetime]:
        if task is None:
            return
        for again in range(deed.acts):
            if again:
                yield hands.now + timedelta(minutes=3 + 4 * hands.chance())
            officer = hands.staff(course.story, task.post, task.department)
            if not again:
                hands.claim(task, officer)
                second = hands.staff(course.story, f"{task.post}2", task.department)
                hands.sign(task, course.story, officer, second)
            hands.try_complete(number, task, course.story, officer)
            deed.about(number, officer.person_id)
            deed.act(hands.now)
        yield hands.now + timedelta(minutes=10)

    course.episodes["site_survey"] = tries
    plot.take(course)


BREACHES = {
    returned_after_acceptance: 2,
    asked_twice: 2,
    empty_file: 2,
    one_file_for_many: 2,
    refused_again_and_again: 2,
}
ADAPTED = {returned_after_acceptance: 3, asked_twice: 2, empty_file: 3, one_file_for_many: 2}
INNOCENT = {asked_once: 4, one_file_for_two: 3, forgotten_once: 3}
