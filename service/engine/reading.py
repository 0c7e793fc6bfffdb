"""Reads open steps and armed timers off SpiffWorkflow's tasks and turns them into our frozen values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import CodeEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.util.task import TaskState

from service.engine.outcome import CASE_LIMIT_ROLES, ArmedTimer, OpenStep, ScopeLimit
from service.engine.specs import is_loop, is_timer


def is_open(task: Any) -> bool:
    """Whether a token stands on this element: a ready user task, a waiting event, a running scope."""
    spec, state = task.task_spec, task._state
    if state == TaskState.READY:
        return bool(spec.manual)
    if state == TaskState.WAITING:
        return isinstance(spec, CatchingEvent) and not isinstance(spec, BoundaryEvent)
    return state == TaskState.STARTED and not is_loop(task)


def can_go_on(task: Any) -> bool:
    """Whether a person, a message, an instant or an operation outside can move this token: a scope alone cannot."""
    spec, state = task.task_spec, task._state
    if state == TaskState.WAITING and isinstance(spec, BoundaryEvent):
        return bool(spec.cancel_activity) and not isinstance(spec.event_definition, CodeEventDefinition)
    return is_open(task) and not isinstance(spec, SubWorkflowTask)


def is_armed(task: Any) -> bool:
    """Whether a timer waits for its instant; a paused one does not."""
    return task._state == TaskState.WAITING and is_timer(task) and "event_value" in task.internal_data


def guards(task: Any) -> list[Any]:
    """The boundary events of a step; an instance of a repeated step has those of the step."""
    drawn = task.parent if task.parent is not None and is_loop(task.parent) else task
    siblings = drawn.parent.children if drawn.parent is not None else []
    return [sibling for sibling in siblings if isinstance(sibling.task_spec, BoundaryEvent)]


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
    for guard in guards(task):
        value = guard.internal_data.get("event_value")
        if value is not None and is_timer(guard):
            instants[workflow.timer_element(guard).role] = datetime.fromisoformat(value)
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
    element = workflow.timer_element(task)
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
        for guard in guards(scope):
            limit = guard.internal_data.get("limit")
            if guard._state != TaskState.WAITING or not limit:
                continue
            role = workflow.timer_element(guard).role
            if role in CASE_LIMIT_ROLES:
                found.append(_scope_limit(guard, role, limit))
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
