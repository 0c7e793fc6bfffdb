"""The steps of a case as an ordered list, and the same as the state of its diagram. Both tell one story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.database.in_text import in_text
from service.database.tables import due_row
from service.definitions.bundle import Bundle
from service.engine import OpenStep
from service.reads.case_list import EventView, list_events
from service.reads.case_parts import TaskSummary
from service.reads.case_values import CaseValues
from service.reads.case_view import CaseRow, CaseView
from service.reads.paging import Asked
from service.reads.positions import Ahead, ahead_of, call_activity_of, own_steps, waiting_steps

_MOST_EVENTS = 2000
_ARMED = (
    select(due_row.c.step_id, due_row.c.due_at)
    .where(
        due_row.c.case_id == bindparam("case_id"),
        due_row.c.state == in_text(0),
        due_row.c.role.not_in([in_text(role) for role in ("blue", "yellow", "reminder", "minimum")]),
    )
    .order_by(due_row.c.due_at.desc())
)
# Events after which their element is done although no person's task stands for it.
_PASSED = frozenset({"case_accepted", "acceptance_deemed", "decision_published", "end_reached", "ladder_moved"})


@dataclass(frozen=True, slots=True)
class StepLine:
    """A line of the list. `state` is done, void, now, late, halted or ahead; `people` those who act or acted."""

    element_id: str
    name_zh: str
    name_en: str
    state: str
    post: str = ""
    at: datetime | None = None
    entered_at: datetime | None = None
    due_at: datetime | None = None
    people: tuple[str, ...] = ()
    seconds: int | None = None
    limit_zh: str | None = None
    limit_en: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """A step that waits for somebody outside. `message` names what it waits for, None for an instant.

    `milestone` is the name of the one that a project's report is awaited for.
    """

    element_id: str
    name_zh: str
    name_en: str
    message: str | None
    due_at: datetime | None
    basis: str
    milestone: str | None = None


@dataclass(frozen=True, slots=True)
class CaseSteps:
    """`events` are all of the case's, the oldest first."""

    lines: tuple[StepLine, ...]
    waits: tuple[Wait, ...]
    events: tuple[EventView, ...]


def read_steps(connection: Connection, found: CaseRow, view: CaseView, now: datetime) -> CaseSteps:
    """Everything that has been done, is being done and lies ahead on this case."""
    events = list_events(connection, view.id, Asked(limit=_MOST_EVENTS)).items
    open_waits = waiting_steps(found.bundle, found.values, found.row.state, now) if is_running(view.status) else ()
    limits = _limits_of_waits(connection, found, open_waits)
    done = sorted([*map(_done, view.steps_done), *_passed(events, found.bundle, open_waits)], key=_when)
    current = [*(_current(t, now) for t in view.user_tasks), *(_waiting(w, events, limits, now) for w in open_waits)]
    return CaseSteps(
        lines=(*done, *current, *map(_later, _ahead(found, view, open_waits))),
        waits=tuple(_wait(step, limits, found.values) for step in open_waits),
        events=events,
    )


def _limits_of_waits(connection: Connection, found: CaseRow, waits: Sequence[OpenStep]) -> dict[str, datetime]:
    """{step: when its wait ends}: the limit may be drawn on the call activity around the step."""
    within = call_activity_of(found.bundle)
    rows = connection.execute(_ARMED, {"case_id": found.row.id}).all()
    ends = {row.step_id: row.due_at for row in rows}
    places = {step.element.id: within.get(step.element.id, step.element.id) for step in waits}
    return {step: ends[place] for step, place in places.items() if place in ends}


def is_running(status: str) -> bool:
    return status not in ("completed", "terminated")


def _ahead(found: CaseRow, view: CaseView, open_waits: Sequence[OpenStep]) -> tuple[Ahead, ...]:
    if not is_running(view.status):
        return ()
    within = call_activity_of(found.bundle)
    here = [t.element_id for t in view.user_tasks] + [w.element.id for w in open_waits]
    return ahead_of(found.bundle.xml, [within.get(one, one) for one in here])


def _when(line: StepLine) -> datetime:
    return line.at or line.entered_at or datetime.max.replace(tzinfo=UTC)


def _done(task: TaskSummary) -> StepLine:
    people = tuple(p.name for p in (task.completed_by, task.signed_by) if p is not None)
    at = task.completed_at or task.entered_at
    return StepLine(
        task.element_id,
        task.name_zh,
        task.name_en,
        "done" if task.status == "completed" else task.status,
        task.post,
        at,
        task.entered_at,
        None,
        people,
        int((at - task.entered_at).total_seconds()),
    )


def _passed(events: Iterable[EventView], bundle: Bundle, waiting: Sequence[OpenStep]) -> list[StepLine]:
    """Steps that no person did: waits that are over, and what the service did by itself."""
    open_ids = {step.element.id for step in waiting}
    lines = []
    for event in events:
        element = bundle.model.find(event.element_id) if event.element_id else None
        if element is None or element.kind == "userTask":
            continue
        over = event.kind == "step_entered" and element.id not in open_ids
        if over or (event.kind in _PASSED and element.kind != "userTask"):
            lines.append(StepLine(element.id, element.name_zh, element.name_en, "done", element.post, event.at))
    return lines


def _current(task: TaskSummary, now: datetime) -> StepLine:
    late = task.due_at is not None and now > task.due_at
    people = (task.assignee.name,) if task.assignee else ()
    return StepLine(
        task.element_id,
        task.name_zh,
        task.name_en,
        "late" if late else "now",
        task.post,
        None,
        task.entered_at,
        task.due_at,
        people,
    )


def _waiting(step: OpenStep, events: Iterable[EventView], limits: Mapping[str, datetime], now: datetime) -> StepLine:
    entered = [e.at for e in events if e.kind == "step_entered" and e.element_id == step.element.id]
    element, due_at = step.element, step.due_at or limits.get(step.element.id)
    late = due_at is not None and now > due_at
    return StepLine(
        element.id,
        element.name_zh,
        element.name_en,
        "late" if late else "now",
        element.post,
        None,
        entered[-1] if entered else None,
        due_at,
    )


def _wait(step: OpenStep, limits: Mapping[str, datetime], values: CaseValues) -> Wait:
    element = step.element
    milestone = values("milestone_name") if element.message == "milestone_report" else None
    return Wait(
        element.id,
        element.name_zh,
        element.name_en,
        element.message,
        step.due_at or limits.get(element.id),
        element.properties.get("stopBasis", ""),
        str(milestone) if milestone else None,
    )


def _later(one: Ahead) -> StepLine:
    return StepLine(
        one.element_id, one.name_zh, one.name_en, "ahead", one.post, limit_zh=one.limit_zh, limit_en=one.limit_en
    )


_ON_DIAGRAM = {"done": "done", "now": "current", "late": "overdue", "halted": "halted"}
_HALTING = "void"


def diagram_state(found: CaseRow, view: CaseView, steps: CaseSteps) -> dict[str, Any]:
    """What the viewer draws: {elements: {id: {state, badge}}, within, focus}; the posts are the page's words."""
    elements: dict[str, dict[str, Any]] = {}
    for line in steps.lines:
        state = _ON_DIAGRAM.get(line.state)
        if line.state == _HALTING and view.status == "halted":
            state = "halted"
        if state is not None:
            elements[line.element_id] = {"state": state, "people": list(line.people)}
    current = [line.element_id for line in steps.lines if line.state in ("now", "late")]
    return {
        "elements": elements,
        "within": dict(call_activity_of(found.bundle)),
        "focus": current[0] if current else None,
        "posts": {node.id: node.post for node in own_steps(found.bundle.xml) if node.post},
    }
