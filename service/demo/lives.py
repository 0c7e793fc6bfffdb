"""How the demo county's cases live: each is a generator that acts, then says when it wants to act next.

Nothing is written into tables by hand: every act goes through the commands, at the instant of its story.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.demo.answers import Story
from service.demo.playing import Player, Task

# How long people take for a step, in office hours (least, most), when nothing is wrong.
PACE: Mapping[str, tuple[float, float]] = {
    "formal_check": (0.5, 9),
    "site_survey": (2, 16),
    "site_view": (1, 5),
    "check_settlement": (1, 6),
    "technical_review": (20, 50),
    "technical_review_again": (10, 30),
    "expert_review": (20, 50),
    "section_review": (1, 8),
    "urgent_decision": (0.5, 4),
    "urgent_payment": (0.5, 3),
    "home_visit": (2, 14),
    "town_review": (0.5, 5),
    "county_review": (1, 9),
    "objection_check": (2, 10),
    "pay_out": (2, 12),
    "assess_fee": (0.5, 4),
    "reduction_review": (1, 8),
    "urge": (1, 8),
    "restoration_check": (3, 30),
    "handle_objections": (2, 8),
    "vice_approve": (0.5, 6),
    "decide": (0.5, 5),
    "collect_old": (1, 6),
    "print_certificate": (0.5, 4),
    "deliver": (1, 8),
    "serve_refusal": (1, 8),
    "answer_now": (0.1, 0.2),
    "dispatch": (0.1, 0.4),
    "sign": (0.2, 3),
    "contact_caller": (0.5, 5),
    "handle": (2, 14),
    "dept_review": (0.5, 4),
    "reply_caller": (0.2, 2),
    "follow_up": (1, 10),
    "centre_ruling": (1, 8),
    "spot_decide": (0.2, 0.3),
    "collect_fine": (0.1, 0.2),
}
OFFICER_STEPS = frozenset(
    "site_survey site_view check_settlement technical_review technical_review_again expert_review home_visit "
    "assess_fee restoration_check objection_check handle".split()
)
# Papers of a penalty: which step puts those on file that another one asks for.
PENALTY_PAPERS: Mapping[str, str] = {
    "investigate": "section_review",
    "serve_prior_notice": "await_statement",
    "serve_decision": "publish",
    "spot_decide": "serve_decision",
}
# Steps of the office whose papers must be on file before the next one, and who puts them there.
PAPER_STEPS = frozenset({"urgent_payment", "pay_out"})


@dataclass(frozen=True, slots=True)
class Habit:
    """What goes wrong in a case. `slow` {step: office hours}; `stops_at` a step that nobody ever does."""

    name: str = "ordinary"
    slow: Mapping[str, float] | None = None
    stops_at: str | None = None
    survey_seconds: int | None = None
    ruling_after_hours: float | None = 3
    corrections: int = 0
    answers_correction: bool = True
    pays: bool = True
    tries_early_print: bool = False
    forgets_survey_paper: bool = False
    hands_in: bool = True


def live(player: Player, story: Story, habit: Habit, begins: datetime) -> Iterator[datetime]:
    """One case from the counter to its end, as far as its habit lets it come."""
    clerk = player.starter(story)
    number = player.start(story, clerk)
    player.put_applicant_materials(number, story, clerk)
    corrections, surveyed = habit.corrections, 0
    while True:
        task = player.open_task(number)
        if task is None:
            waiting = yield from _wait_outside(player, story, habit, number)
            if not waiting:
                return
            continue
        if task.element_id == habit.stops_at:
            player.claim(task, player.staff(story, task.post, task.department))
            return
        if task.halts:
            if habit.ruling_after_hours is None:
                return
            yield player.office_time(habit.ruling_after_hours)
            player.complete(number, task, story, player.staff(story, "sup1", task.department))
            story = replace(story, choices={**story.choices, "halt_ruling": "redo"})
            continue
        hurried = task.element_id in OFFICER_STEPS and habit.survey_seconds is not None and surveyed == 0
        yield _when(player, habit, task, hurried)
        task = player.open_task(number)
        if task is None or task.halts:
            continue
        surveyed += task.element_id in OFFICER_STEPS
        if task.element_id == "formal_check" and corrections > 0:
            corrections -= 1
            player.complete(number, task, replace(story, choices={"check_result": "correction"}), clerk)
            continue
        _do(player, number, task, story, habit)


def _when(player: Player, habit: Habit, task: Task, hurried: bool) -> datetime:
    if hurried:
        return task.entered_at + timedelta(seconds=habit.survey_seconds or 0)
    hours = (habit.slow or {}).get(task.element_id)
    if hours is None:
        least, most = PACE.get(task.element_id, (1, 4))
        hours = least + player.chance() * (most - least)
    at = player.office_time(hours)
    return max(at, task.earliest_at + timedelta(seconds=20)) if task.earliest_at else at


def _do(player: Player, number: str, task: Task, story: Story, habit: Habit) -> None:
    person = player.staff(story, task.post, task.department)
    player.claim(task, person)
    if task.element_id in OFFICER_STEPS:
        if habit.forgets_survey_paper:
            player.try_complete(number, task, story, person)
        player.put_office_materials(number, story, person)
    if task.officers == 2:
        player.sign(task, story, person, player.staff(story, f"{task.post}2", task.department))
    if task.element_id in PENALTY_PAPERS:
        player.put_materials_before(number, story, person, PENALTY_PAPERS[task.element_id])
    if task.element_id in PAPER_STEPS or task.post == "project_unit":
        player.put_office_materials(number, story, person)
    if task.element_id == "print_certificate" and player.is_recent(story.on):
        player.print_document(number, story, person)
    player.complete(number, task, story, person)


def _wait_outside(player: Player, story: Story, habit: Habit, number: str) -> Generator[datetime, None, bool]:
    """The case waits for the applicant, the bank or the end of a publicity; False when it has ended or stays."""
    waits = player.waits_for(number)
    if waits == "correction":
        if not habit.answers_correction:
            return False
        yield player.office_time(9 + 30 * player.chance())
        player.answer_correction(number, story)
        return True
    if waits == "completion":
        if not habit.answers_correction:
            return False
        yield player.office_time(20 + 60 * player.chance())
        player.report_completion(number, story)
        return True
    if waits == "statement":
        yield player.office_time(4 + 8 * player.chance())
        player.make_statement(number, story)
        if story.choose("answer", "waive") == "statement":  # The five working days run on.
            yield player.office_time(45)
        return True
    if waits == "cash_received":
        if not habit.hands_in:
            return False
        yield player.office_time(2 + 6 * player.chance())
        player.hand_in_cash(number)
        return True
    if waits == "payment":
        if habit.tries_early_print:
            yield player.office_time(1)
            player.try_print(number, story)
        if not habit.pays:
            return False
        yield player.office_time(2 + 14 * player.chance())
        player.order_remittance(number)
        player.pay(number)
        return True
    if waits == "timer":
        yield player.office_time(8)
        return True
    return False
