"""Sends a token back to an earlier step of its own scope (退回), and with it whatever the way from there did beside it.

What lies between the step and the task is done anew, so every token there is taken away with its timers, its scopes and
its arrivals at joins. Other branches, and every limit of the scopes around, stay as they are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.util.task import TaskState

from service.engine.joins import arrivals
from service.engine.reading import guards
from service.engine.workflow import CaseTask, CaseWorkflow, EngineFailure

_GUARDED = ".BoundaryEventSplit"


def send_back(workflow: CaseWorkflow, task: CaseTask, element_id: str) -> None:
    """Take the token off a ready task and put it before a step of the same scope; the caller runs on from there.

    Raises EngineFailure where that step is not in the scope, or where the task is not on a way from it.
    """
    tree = task.workflow
    specs: Mapping[str, Any] = tree.spec.task_specs
    entry = specs.get(element_id + _GUARDED) or specs.get(element_id)
    if entry is None:
        raise EngineFailure(f"Expected {element_id} in the scope of {task.task_spec.bpmn_id}, but it is elsewhere")
    guarding = {guard.task_spec.name for guard in guards(task)}
    region = _between(specs, entry.name, {task.task_spec.name} | guarding)
    if task.task_spec.name not in region:
        raise EngineFailure(f"Expected {element_id} to lead to {task.task_spec.bpmn_id}, but it does not")
    parent = task.parent
    for gone in _tokens(tree, region):
        if tree.tasks.get(gone.id) is gone:
            tree._remove_task(gone.id)
    child = parent._add_child(entry, TaskState.FUTURE)
    child.task_spec._update(child)
    _ask_inclusive_joins(tree)


def _between(specs: Mapping[str, Any], start: str, stops: set[str]) -> set[str]:
    """Names of all that a token from `start` may reach before it comes to one of `stops`.

    A join lets nobody through until all its flows are reached: behind it lies what other branches bring about too.
    """
    reached: set[str] = set()
    pending = deque([start])
    while pending:
        name = pending.popleft()
        spec = specs[name]
        held = isinstance(spec, ParallelGateway | InclusiveGateway) and not reached.issuperset(spec._inputs)
        if name in reached or (held and name != start):
            continue
        reached.add(name)
        if name not in stops:
            pending.extend(spec._outputs)
    return reached


def _tokens(tree: Any, region: set[str]) -> list[CaseTask]:
    """Open tasks in the region, and tokens that came out of it and wait at a join.

    What a guard that has fired left waiting goes with its step.
    """
    found = []
    for task in list(tree.tasks.values()):
        open_here = not task._state & (TaskState.FINISHED_MASK | TaskState.PREDICTED_MASK)
        waits_at_join = isinstance(task.task_spec, ParallelGateway | InclusiveGateway)
        if waits_at_join:
            came = task.parent is not None and task.parent.task_spec.name in region
            if came and (open_here or task._state == TaskState.CANCELLED):
                found.append(task)
        elif task.task_spec.name in region and (open_here or _fired_guard(task)):
            found.append(task)
    return found


def _fired_guard(task: CaseTask) -> bool:
    return isinstance(task.task_spec, BoundaryEvent) and bool(task._state & TaskState.COMPLETED)


def _ask_inclusive_joins(tree: Any) -> None:
    """An inclusive join may have waited for a token that is gone."""
    for task in list(tree.tasks.values()):
        if task._state == TaskState.WAITING and isinstance(task.task_spec, InclusiveGateway) and not arrivals(task):
            task.task_spec._update(task)
