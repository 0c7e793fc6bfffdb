"""How one case goes from the counter to its end: a generator that acts, then says when it wants to act next."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.demo.answers import Story
from service.demo.lives import OFFICER_STEPS, PAPER_STEPS, PENALTY_PAPERS
from service.demo.playing import Task
from service.people.actor import Actor
from simulation.hands import Hands
from simulation.truth import Deed

# How long people take for a step, in office hours (least, most), when nothing is wrong.
PACE: Mapping[str, tuple[float, float]] = {
    "formal_check": (0.2, 5),
    "site_survey": (1, 14),
    "site_view": (0.5, 4),
    "check_settlement": (0.5, 6),
    "technical_review": (10, 40),
    "technical_review_again": (5, 20),
    "expert_review": (10, 40),
    "section_review": (0.4, 4),
    "vice_approve": (0.4, 4),
    "decide": (0.4, 4),
    "collect_old": (0.5, 5),
    "print_certificate": (0.3, 3),
    "deliver": (0.3, 6),
    "assess_fee": (0.5, 4),
    "restoration_check": (3, 30),
    "spot_decide": (0.2, 0.3),
    "collect_fine": (0.1, 0.2),
    "serve_refusal": (0.5, 6),
}
# Of which the officer takes the money, and the cashier orders the code by which it comes to the bank.
SPOT_FINE = "LJ-CG-CF-002"
# Something that somebody does at a step before it is completed, or instead of it.
Episode = Callable[[Hands, str, Task | None], Iterator[datetime]]


@dataclass(slots=True)
class Course:
    """What a case is about, and how people deal with it.

    `after` {step: so long after it was entered}, `instants` {step: then and no other time}, `past_due` {step: so long
    after its limit}, `past_minimum` {step: so long after its minimum}, `doers` {step: user name}, `seats` {step:
    terminal}. `deeds` {step: what is done, wholly or in part, once it is completed}. `episodes` {step, or what the case
    waits for: what happens there first}.
    """

    story: Story
    begins: datetime
    corrections: int = 0
    answers_correction: bool = True
    returns: int = 0
    after: dict[str, timedelta] = field(default_factory=dict)
    instants: dict[str, datetime] = field(default_factory=dict)
    past_due: dict[str, timedelta] = field(default_factory=dict)
    past_minimum: dict[str, timedelta] = field(default_factory=dict)
    doers: dict[str, str] = field(default_factory=dict)
    seats: dict[str, str] = field(default_factory=dict)
    episodes: dict[str, Episode] = field(default_factory=dict)
    deeds: dict[str, list[Deed]] = field(default_factory=dict)
    ruling: str = "redo"
    # What the second notice of corrections is, if there is one.
    second_check: Deed | None = None
    asked: int = 0
    reviewed: bool = False
    pays: bool = True
    number: str = ""

    def does(self, step: str, deed: Deed) -> None:
        self.deeds.setdefault(step, []).append(deed)


def live(hands: Hands, course: Course) -> Iterator[datetime]:
    """The whole case."""
    story = course.story
    clerk = hands.starter(story)
    if "start" in course.doers:
        clerk = hands.named(course.doers["start"])
    if "start" not in course.instants:
        at = hands.turn(clerk, hands.now)
        if at > hands.now:
            yield at
    yield from hands.queue(clerk)
    number = course.number = hands.start(story, clerk)
    hands.put_applicant_materials(number, story, clerk)
    yield from _episode(hands, course, "started", None)
    _note(hands, course, "start", clerk)
    while True:
        task = hands.open_task(number)
        if task is None:
            if not (yield from _wait_outside(hands, course)):
                return
        elif task.halts:
            yield hands.next_office_time(hands.office_time(0.3 + 2 * hands.chance()))
            supervisor = hands.staff(story, "sup1", task.department)
            while (until := hands.absent_until(supervisor.username)) is not None:
                yield hands.next_office_time(until + timedelta(minutes=5))
            given = replace(story, choices={**story.choices, "halt_ruling": course.ruling})
            hands.complete(number, task, given, supervisor)
        else:
            yield from _step(hands, course, task)


def _step(hands: Hands, course: Course, task: Task) -> Iterator[datetime]:
    yield _when(hands, course, task)
    known = hands.open_task(course.number)
    if known is None or known.id != task.id:
        return
    step = task.element_id
    if step in course.episodes:
        yield from _episode(hands, course, step, task)
        known = hands.open_task(course.number)
        if known is None or known.id != task.id:
            return
    story = course.story
    if step == "formal_check" and course.corrections > 0:
        course.corrections -= 1
        story = replace(story, choices={**story.choices, "check_result": "correction"})
    if step == "section_review" and course.returns > 0:
        course.returns -= 1
        course.reviewed = True
        course.corrections += 1
        story = replace(story, choices={**story.choices, "review_result": "back"})
    person = _do(hands, course, task, story)
    if story.choose("check_result", "") == "correction":
        _asked_for_papers(hands, course, person)
    _note(hands, course, step, person)


def _asked_for_papers(hands: Hands, course: Course, person: Actor) -> None:
    """The first notice of a case that was accepted, or the second of one that was not."""
    course.asked += 1
    accepted = course.reviewed
    if course.second_check is not None and (accepted or course.asked == 2):
        course.second_check.about(course.number, person.person_id)
        course.second_check.department = person.department
        course.second_check.act(hands.now)


def _when(hands: Hands, course: Course, task: Task) -> datetime:
    """Planned to the second, or when whose turn it is comes to it."""
    step = task.element_id
    if step in course.instants:
        at = max(hands.now + timedelta(seconds=1), course.instants.pop(step))
        return max(at, task.earliest_at + timedelta(seconds=5)) if task.earliest_at else at
    if step in course.after:
        return task.entered_at + course.after.pop(step)
    if step in course.past_due and task.due_at is not None:
        late = course.past_due.pop(step)
        if late > timedelta():
            _left_lying(hands, course, task, task.due_at)
        return hands.next_office_time(task.due_at + late)
    if step in course.past_minimum and task.earliest_at is not None:
        return task.earliest_at + course.past_minimum.pop(step)
    least, most = PACE.get(step, (0.5, 3))
    wanted = hands.office_time(least + hands.chance() * (most - least))
    if task.earliest_at is not None:
        wanted = max(wanted, task.earliest_at + timedelta(minutes=2 + 30 * hands.chance()))
    at = hands.turn(_doer(hands, course, task), wanted, task.due_at)
    return max(at, task.earliest_at + timedelta(seconds=45)) if task.earliest_at else at


def _left_lying(hands: Hands, course: Course, task: Task, due_at: datetime) -> None:
    """What becomes of it is settled when the limit passes, whenever it is done then."""
    for deed in course.deeds.pop(task.element_id, ()):
        deed.about(course.number, _doer(hands, course, task).person_id)
        deed.department = task.department
        deed.act(due_at)


def _doer(hands: Hands, course: Course, task: Task) -> Actor:
    if task.element_id in course.doers:
        return hands.named(course.doers[task.element_id])
    return hands.staff(course.story, task.post, task.department)


def _do(hands: Hands, course: Course, task: Task, story: Story) -> Actor:
    number, person = course.number, _doer(hands, course, task)
    if task.element_id in course.seats:
        person = hands.seated(person, course.seats[task.element_id])
    hands.claim(task, person)
    if task.element_id in OFFICER_STEPS or task.element_id in PAPER_STEPS:
        hands.put_office_materials(number, story, person)
    if task.element_id in PENALTY_PAPERS:
        hands.put_materials_before(number, story, person, PENALTY_PAPERS[task.element_id])
    if task.officers == 2:
        second = hands.staff(story, f"{task.post}2", task.department)
        if second.person_id == person.person_id:
            second = hands.staff(story, task.post, task.department)
        hands.sign(task, story, person, second)
    hands.complete(number, task, story, person)
    return person


def _note(hands: Hands, course: Course, step: str, person: Actor) -> None:
    for deed in course.deeds.pop(step, ()):
        deed.about(course.number, person.person_id)
        deed.department = deed.department or person.department
        deed.act(hands.now)


def _episode(hands: Hands, course: Course, name: str, task: Task | None) -> Iterator[datetime]:
    episode = course.episodes.pop(name, None)
    if episode is not None:
        yield from episode(hands, course.number, task)


def _wait_outside(hands: Hands, course: Course) -> Generator[datetime, None, bool]:
    """The case waits for the applicant, the bank or a time; False when it has ended, or will not go on."""
    waits = hands.waits_for(course.number)
    if (waits or "ended") in course.episodes:
        yield from _episode(hands, course, waits or "ended", None)
        return waits is not None
    if waits == "correction":
        if not course.answers_correction:
            return False
        yield hands.office_time(4 + 24 * hands.chance())
        if hands.waits_for(course.number) == "correction":
            hands.answer_correction(course.number, course.story)
        return True
    if waits == "payment":
        if not course.pays:
            return False
        yield hands.office_time(1 + 10 * hands.chance())
        if course.story.power_item == SPOT_FINE:
            hands.order_remittance(course.number)
        hands.pay(course.number)
        return True
    if waits == "completion":
        yield hands.next_office_time(hands.now + timedelta(days=12 + 6 * hands.chance()))
        hands.report_completion(course.number, course.story)
        return True
    if waits == "statement":
        yield hands.office_time(4 + 8 * hands.chance())
        hands.make_statement(course.number, course.story)
        return True
    if waits == "timer":
        yield hands.office_time(8)
        return True
    return False
