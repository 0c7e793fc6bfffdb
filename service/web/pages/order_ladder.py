"""The ladder of a supervision order at a glance: by rung who was told, who opened it, what was said, what is owed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from service.commands.order_extension import GIVEN_BY, MOST_WORKING_DAYS, RUNG_OF_STEP
from service.people.actor import Actor
from service.reads.case_parts import TaskSummary
from service.reads.notices import NoticeRow
from service.reads.order_extensions import ExtensionView
from service.timers.standing_still import JUST_AFTER
from service.web.pages import words
from service.web.pages.words import say
from service.working_time import WorkingCalendar

RUNGS = (0, 2, 3, 4, 5)
# Notices of an order by the rung that they belong to (supervision's ladder writes these kinds).
_RUNG_OF_KIND: Mapping[str, int] = {
    "order_handler": 0,
    "order_level1": 2,
    "order_judge": 2,
    "order_handler_late": 2,
    "order_level2": 3,
    "order_urged": 3,
    "order_confirm": 3,
    "order_centre": 4,
    "order_confirm_late": 4,
}
_RUNG_REMINDED: Mapping[str, int] = {
    "order_reminded_handler": 0,
    "order_reminded_level1": 2,
    "order_reminded_level2": 3,
    "order_reminded_centre": 4,
}
# Steps of an order's diagram by rung.
_RUNG_OF_STEP: Mapping[str, int] = {
    "handler_sign": 0,
    "handler_answer": 0,
    "sign": 2,
    "answer": 2,
    "judge": 2,
    "urge": 3,
    "confirm": 3,
    "centre_demand": 4,
}
_RUNG_OF_EXTENSION: Mapping[str, int] = {"handler": 0, "level1": 2, "level2": 3}
EXTENSION_STATES: Mapping[str, str] = {
    "asked": words.N_("待批准"),
    "granted": words.N_("已批准"),
    "refused": words.N_("不予批准"),
    "lapsed": words.N_("已办结，不再处理"),
}
# Answers of an order's forms that are shown as they were written, and choices with their words.
_SAID = ("explanation", "measure", "evidence", "judge_opinion", "urge_note", "confirm_opinion", "centre_demand")
_CHOSEN: Mapping[str, Mapping[str, str]] = {
    "sent_to": {"handler": words.N_("责成经办人")},
    "judge_result": {"accepted": words.N_("整改到位"), "returned": words.N_("退回重办")},
    "confirm_result": {"accepted": words.N_("认可销号"), "returned": words.N_("退回重答")},
    "proposal": {"circular": words.N_("通报"), "interview": words.N_("约谈")},
}


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answered: the step, who and when, the choice in a word, and what was written."""

    task: TaskSummary
    choice: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reminders:
    """How often a rung was reminded, when last, and how many of those who were have opened the order."""

    count: int
    last_at: datetime
    opened: int


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the ladder. `tone` is told, owes or later."""

    number: int
    word: str
    tone: str
    told: tuple[NoticeRow, ...]
    reminders: Reminders | None
    said: tuple[Said, ...]
    owed: tuple[TaskSummary, ...]
    extensions: tuple[ExtensionView, ...]


def ladder_of(
    notices: Sequence[NoticeRow],
    done: Sequence[TaskSummary],
    owed: Sequence[TaskSummary],
    extensions: Sequence[ExtensionView],
) -> Iterator[Rung]:
    """Every rung that the county has, those that the order has not reached among them."""
    for number in RUNGS:
        told = tuple(n for n in notices if _RUNG_OF_KIND.get(n.kind) == number)
        said = tuple(_said(t) for t in done if _RUNG_OF_STEP.get(t.element_id) == number and t.status == "completed")
        owes = tuple(t for t in owed if _RUNG_OF_STEP.get(t.element_id) == number)
        tone = "owes" if owes else "told" if told or said else "later"
        more = tuple(one for one in extensions if _RUNG_OF_EXTENSION[one.rung] == number)
        yield Rung(number, rung_word(number), tone, told, _reminders(notices, number), said, owes, more)


def asks_for_time(
    task: TaskSummary | None, extensions: Sequence[ExtensionView], now: datetime, days: WorkingCalendar
) -> tuple[date, date] | None:
    """The first and the last day until which the open step may be extended; None where its rung may not ask."""
    rung = RUNG_OF_STEP.get(task.element_id) if task is not None else None
    if task is None or task.due_at is None or rung is None or task.due_at < now:
        return None
    if any(one.rung == rung for one in extensions):
        return None
    due = days.local_date(task.due_at - JUST_AFTER)
    latest = days.local_date(days.add_working_days(due, MOST_WORKING_DAYS) - JUST_AFTER)
    return due + timedelta(days=1), latest


def to_decide(actor: Actor, extensions: Sequence[ExtensionView], department: str) -> list[ExtensionView]:
    """Those that wait for this person."""
    return [
        one
        for one in extensions
        if one.status == "asked" and actor.holding_for(GIVEN_BY[one.rung], department) is not None
    ]


def rung_word(number: int) -> str:
    """Whose rung it is."""
    return say(words.N_("经办人")) if number == 0 else words.word(words.RUNGS, number)


def is_reminder(notice: NoticeRow) -> bool:
    """Reminders say nothing new: the ladder counts them."""
    return notice.kind in _RUNG_REMINDED


def _reminders(notices: Sequence[NoticeRow], number: int) -> Reminders | None:
    found = [n for n in notices if _RUNG_REMINDED.get(n.kind) == number]
    if not found:
        return None
    return Reminders(len(found), max(n.created_at for n in found), sum(n.opened_at is not None for n in found))


def _said(task: TaskSummary) -> Said:
    answers: Mapping[str, Any] = task.answers or {}
    choices = [say(known[answers[key]]) for key, known in _CHOSEN.items() if answers.get(key) in known]
    texts = tuple(str(answers[key]) for key in _SAID if answers.get(key))
    return Said(task, " · ".join(choices), texts)
