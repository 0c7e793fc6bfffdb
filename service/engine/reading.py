"""Reads open steps and armed timers off SpiffWorkflow's tasks and turns them into our frozen values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.util.task import TaskState

from service.engine.outcome import CASE_LIMIT_ROLES, ArmedTimer, OpenStep, ScopeLimit
from service.engine.specs import is_timer


def is_open(task: Any) -> bool:
    """Whether a token stands on this element: a ready user task, a waiting event, a running scope."""
    spec, state = task.task_spec, task._state
    if state == TaskState.READY:
        return bool(spec.manual)
    if state == TaskState.WAITING:
        return isinstance(spec, CatchingEvent) and not isinstance(spec, BoundaryEvent)
    return bool(state == TaskState.STARTED)


def open_step(workflow: Any, task: Any) -> OpenStep:
    """The step with the instants that its own timers, or those of the scope around it, give."""
    element = workflow.element_of(task)
    instants = _own_instants(workflow, task)
    return OpenStep(
        id=task.id.hex,
        element=element,
        earliest_at=instants.get("minimum"),
        due_at=instants.get("step_limit") or _due_of_scope(workflow, task),
        ancestors=tuple(scope.id.hex for scope in scopes_around(workflow, task)),
    )


def scopes_around(workflow: Any, task: Any) -> list[Any]:
    """The tasks of the sub-processes and call activities that this task is in, innermost first."""
    found = []
    tree = task.workflow
    while tree is not workflow:
        scope = workflow.get_task_from_id(tree.parent_task_id)
        found.append(scope)
        tree = scope.workflow
    return found


def _own_instants(workflow: Any, task: Any) -> dict[str, datetime]:
    instants: dict[str, datetime] = {}
    if task.parent is None:
        return instants
    for sibling in task.parent.children:
        element = workflow.element_of(sibling) if isinstance(sibling.task_spec, BoundaryEvent) else None
        value = sibling.internal_data.get("event_value")
        if element is not None and value is not None and is_timer(sibling):
            instants[element.role] = datetime.fromisoformat(value)
    return instants


def _due_of_scope(workflow: Any, task: Any) -> datetime | None:
    """A shared call activity's limit stands in its caller."""
    for scope in scopes_around(workflow, task):
        if isinstance(scope.task_spec, SubWorkflowTask):
            due = _own_instants(workflow, scope).get("step_limit")
            if due is not None:
                return due
    return None


def armed_timer(workflow: Any, task: Any) -> ArmedTimer:
    """The armed timer behind a waiting timer task."""
    element = workflow.element_of(task)
    limit = task.internal_data.get("limit")
    step, guarded = element, task
    if element.attached_to is not None:
        step = workflow.model.element(element.process, element.attached_to)
        guarded = next(s for s in task.parent.children if s.task_spec.bpmn_id == element.attached_to)
    return ArmedTimer(
        id=task.id.hex,
        element=element,
        step=step,
        scope_task_id=guarded.id.hex,
        due_at=datetime.fromisoformat(task.internal_data["event_value"]),
        counted_from=datetime.fromisoformat(limit[2]) if limit else workflow.now,
        limit_value=limit[0] if limit else None,
        limit_unit=limit[1] if limit else None,
    )


def scope_limits(workflow: Any, task: Any) -> tuple[ScopeLimit, ...]:
    """Statutory and promised limits that guard the scopes around a task."""
    found = []
    for scope in scopes_around(workflow, task):
        for sibling in scope.parent.children if scope.parent is not None else ():
            if sibling.task_spec.bpmn_id == scope.task_spec.bpmn_id or not is_timer(sibling):
                continue
            element = workflow.element_of(sibling)
            limit = sibling.internal_data.get("limit")
            if sibling._state == TaskState.WAITING and limit and element.role in CASE_LIMIT_ROLES:
                found.append(_scope_limit(sibling, element.role, limit))
    return tuple(found)


def _scope_limit(task: Any, role: str, limit: list[Any]) -> ScopeLimit:
    value = task.internal_data.get("event_value")
    return ScopeLimit(
        timer_id=task.id.hex,
        role=role,
        due_at=datetime.fromisoformat(value) if value else None,
        remaining=task.internal_data.get("remaining"),
        counted_from=datetime.fromisoformat(limit[2]),
        limit_value=limit[0],
        limit_unit=limit[1],
    )
