"""Plays the usual day: every step by the person whose it is, in good time, with its files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.commands.office import CST, Office

# Nothing is done in less: the longest minimum of the six items is two hours.
_PACE = timedelta(minutes=20)
_MOST_STEPS = 60


def do(office: Office, element: str, number: str | None = None, **choices: Any) -> str:
    """One step in the usual way; the person who did it, or `wait`."""
    waits = {
        "await_correction": "correction",
        "await_rectification": "correction",
        "await_completion": "completion",
        "await_statement": "statement",
    }
    if element in waits:
        office.advance(_PACE)
        office.message(waits[element], number)
        if office.is_open("await_statement", number):  # The party has spoken and asks for no hearing.
            office.message("statement", number, rights_waived=True)
        return "wait"
    if element in ("await_payment", "await_after_urge", "await_remedy_period", "await_court"):
        office.advance(_PACE)
        office.pay()
        return "wait"
    if element.endswith("publicity"):
        ends = office.due_rows(number)[element, "move"].astimezone(CST) + timedelta(seconds=1)
        office.advance(to=max(ends, office.now))  # A worker that was away finds it over already.
        return "wait"
    return _do_task(office, element, number, choices)


def _do_task(office: Office, element: str, number: str | None, choices: dict[str, Any]) -> str:
    task = office.task(element, number)
    if element == "hold_hearing":  # Its day was told; nothing is heard before.
        told = office.task("notify_hearing", number, status="completed").answers["hearing_on"]
        office.advance(to=max(office.now, datetime.fromisoformat(f"{told}T09:00:00+08:00")))
    office.advance(to=max(office.now + _PACE, task.earliest_at or office.now))
    if task.officers == 2:
        if task.draft is not None:  # The second signs what the first will hand in.
            office.draft(_who(office, task), element, office.answers(task.form_key, number, **choices), number)
        office.sign(_who(office, task, "2"), element, number)
    office.complete(_who(office, task), element, number, **choices)
    return str(task.post)


def _who(office: Office, task: Any, suffix: str = "") -> str:
    """Who does a task: by its post in its own department, which need not be the case's."""
    name = f"{task.department.lower()}_{task.post}{suffix}"
    return name if name in office.ids else f"{task.post}{suffix}"


def reach(office: Office, *elements: str, number: str | None = None) -> None:
    """Go on until one of these steps is open."""
    for _ in range(_MOST_STEPS):
        steps = office.open_steps(number)
        if set(elements) & set(steps):
            return
        do(office, _next(steps), number)
    raise AssertionError(f"Expected to reach {elements}, but {office.open_steps(number)} are open")


def begin(office: Office, item: str, *elements: str, **choices: Any) -> str:
    """Start a case with everything on file and go on until one of the steps is open; the case's number."""
    number = office.start(item, **choices)
    office.put()
    reach(office, *elements)
    return number


def finish(office: Office, number: str | None = None) -> str:
    """Go on to the end; the outcome."""
    for _ in range(_MOST_STEPS):
        steps = office.open_steps(number)
        if not steps:
            break
        do(office, _next(steps), number)
    row = office.case(number)
    assert row.status == "completed", f"no end in sight: {office.open_steps(number)}"
    return str(row.outcome)


def _next(steps: list[str]) -> str:
    """People first: a wait of days must not take the time of a step beside it."""
    return min(steps, key=lambda step: (step.endswith("publicity"), step))


def done(office: Office, number: str | None = None) -> list[str]:
    """The steps that people completed, in order."""
    kinds = ("case_started", "task_completed")
    return [row["element_id"] for row in office.history(number) if row["kind"] in kinds]
