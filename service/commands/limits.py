"""Limits that have been reached, told to subscribers: a share of one is gone, or it has passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row

from service.cases.happened import LimitReached
from service.commands.act import CaseAct
from service.commands.departments import department_of
from service.commands.reentering import TOLD
from service.commands.reminding import tell_unit
from service.commands.stopping import first_instant
from service.engine import CASE_LIMIT_ROLES, LIMIT_ROLES, Element, Outcome
from service.expressions import compile_expression
from service.modelling.xml_reading import read_diagram
from service.working_time import TIMER_FUNCTIONS, TimerValue

# Steps of these posts are nobody's time whom supervision reaches: no one is warned for them (items.yaml, meta.posts).
OUTSIDE_POSTS = frozenset({"applicant", "party", "system", ""})
# 项目单位: has accounts and is warned, but no supervisor of its own; its lateness is told to the case's department.
UNIT_POST = "project_unit"
WARNINGS = frozenset({"blue", "yellow"})


def warns_for(act: CaseAct, step: Element) -> bool:
    """Whether anybody is warned for a step's time: the limit of a call activity is that of the post inside it."""
    post = step.post
    if step.called is not None:
        inside = [e for (p, _), e in act.bundle.model.elements.items() if p == step.called and e.post]
        post = inside[0].post if inside else ""
    return post not in OUTSIDE_POSTS


def note_due_limit(act: CaseAct, row: Row[Any]) -> None:
    """A due row of a limit, or of the blue or yellow share of one, has come."""
    colour = "red" if row.role in LIMIT_ROLES else str(row.role)
    timer = act.bundle.model.find(row.element_id)
    told_before = row.timer_id in act.run.memory.get(TOLD, ())  # In an earlier visit of the step.
    if row.role in WARNINGS:
        act.pending.due_row_deletes.append({"b_timer_id": row.timer_id, "b_role": row.role})
    else:
        act.limits_told.add(row.element_id)
    if timer is not None and not told_before:
        limit = None if row.limit_value is None else (row.limit_value, row.limit_unit)
        _tell(act, timer, colour, timer_id=row.timer_id, due_at=row.due_at, since=row.counted_from, limit=limit)


def note_passed_at_once(act: CaseAct, outcome: Outcome) -> None:
    """Limits that had passed when they were armed or moved, so that no due row of theirs ever fell due.

    So of a case that comes back from the counter after its promise has passed, or is delivered long after its decision.
    """
    for happening in outcome.happenings:
        element = happening.element
        unseen = happening.kind == "timer" and element.role in LIMIT_ROLES and element.id not in act.limits_told
        if unseen and (value := _evaluated(act, element)) is not None:
            act.limits_told.add(element.id)
            since = first_instant(act, value)
            limit = (value.limit.value, value.limit.unit)
            due_at = act.limits_moved.get(element.role, value.due)
            name = f"{act.row.number}/{element.id}/{due_at.isoformat()}"
            _tell(act, element, "red", timer_id=name, due_at=due_at, since=since, limit=limit)


def note_alarms(act: CaseAct, outcome: Outcome) -> None:
    """Timers of the diagram that raise an alarm by themselves (property `alarm`), such as before a milestone."""
    for happening in outcome.happenings:
        timer = happening.element
        colour = timer.properties.get("alarm")
        if happening.kind != "timer" or colour is None or timer.attached_to is None:
            continue
        step = act.bundle.model.element(timer.process, timer.attached_to)
        value = _evaluated(act, timer)
        due_at = value.due if value is not None else act.now
        act.note("limit_reached", step.id, colour=colour, due_at=due_at.isoformat())
        act.happened.append(
            LimitReached(
                timer_id=f"{act.row.number}/{timer.id}/{due_at.isoformat()}",
                role="milestone",
                colour=colour,
                element_id=step.id,
                step_zh=str(act.run.lookup("milestone_name") or step.name_zh),
                step_en=str(act.run.lookup("milestone_name") or step.name_en),
                due_at=due_at,
                counted_from=due_at,
                limit_value=None,
                limit_unit=None,
            )
        )
        act.later(lambda step=step, name=timer.name_zh: tell_unit(act, step, name))  # type: ignore[misc]


def _evaluated(act: CaseAct, element: Element) -> TimerValue | None:
    """What the timer's expression gives; its names have not changed since the engine armed it in this act."""
    node = read_diagram(act.bundle.xml).node(element.id)
    texts = [timer.text for event in (node.events if node else ()) for timer in event.timers]
    if not texts:
        return None
    expression = compile_expression(texts[0], functions=frozenset(TIMER_FUNCTIONS))
    value = expression.evaluate(act.run.lookup, act.call)
    return value if isinstance(value, TimerValue) else None


def _tell(
    act: CaseAct,
    timer: Element,
    colour: str,
    *,
    timer_id: str,
    due_at: datetime,
    since: datetime,
    limit: tuple[int, str] | None,
) -> None:
    step = act.bundle.model.element(timer.process, timer.attached_to) if timer.attached_to else timer
    if timer.role in CASE_LIMIT_ROLES:
        if colour == "red":
            act.run.memory.setdefault("passed", {})[timer.role] = due_at.isoformat()
    elif not warns_for(act, step):
        return
    act.note("limit_reached", step.id, colour=colour, due_at=due_at.isoformat())
    act.happened.append(
        LimitReached(
            timer_id=timer_id,
            role=timer.role,
            colour=colour,
            element_id=step.id,
            step_zh=step.name_zh,
            step_en=step.name_en,
            due_at=due_at,
            counted_from=since,
            limit_value=limit[0] if limit else None,
            limit_unit=limit[1] if limit else None,
            department=None if step.post == UNIT_POST else department_of(act, step),
        )
    )
