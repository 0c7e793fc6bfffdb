"""The bytes of a case's state: msgpack tuples, 16-byte ids, an index into the spec instead of names.

Layout (version 1): [version, variables, memory, [workflow, ...]], a workflow: [parent id | None, spec name, completed,
[task, ...]], a task: [id, parent position | -1, spec index, state, triggered, internal data | None], parents first. The
spec is never in it; the model of the case's definition version gives it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgpack
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.model import ProcessModel

VERSION = 1


class CodecError(ValueError):
    """Bytes that are no state of this model."""


def dump_state(model: ProcessModel, workflow: Any) -> bytes:
    """The state of a case as bytes; finished sub-processes are left out."""
    trees = [_dump_tree(model, workflow, None)]
    for parent_id, sub in _open_subprocesses(workflow):
        trees.append(_dump_tree(model, sub, parent_id))
    packed: bytes = msgpack.packb([VERSION, workflow.variables, workflow.memory, trees], use_bin_type=True)
    return packed


def _open_subprocesses(workflow: Any) -> list[tuple[UUID, Any]]:
    """Outer ones first, so that a parent is there when its child is restored."""
    alive = [
        (parent_id, sub)
        for parent_id, sub in workflow.subprocesses.items()
        if (parent := workflow.get_task_from_id(parent_id)) is not None
        and not parent.has_state(TaskState.FINISHED_MASK)
    ]
    return sorted(alive, key=lambda pair: pair[1].depth)


def _dump_tree(model: ProcessModel, tree: Any, parent_id: UUID | None) -> list[Any]:
    indexes = model.spec_indexes[tree.spec.name]
    positions: dict[UUID, int] = {}
    rows: list[Any] = []
    pending = [tree.task_tree.id]
    tasks = tree.tasks
    while pending:
        task = tasks[pending.pop()]
        positions[task.id] = len(rows)
        rows.append(
            (
                task.id.bytes,
                positions.get(task._parent, -1),
                indexes[task.task_spec.name],
                task._state,
                task.triggered,
                _plain(task.internal_data),
            )
        )
        pending.extend(reversed(task._children))
    return [parent_id.bytes if parent_id else None, tree.spec.name, tree.completed, rows]


def _plain(internal: dict[str, Any]) -> dict[str, Any] | None:
    kept = {key: value for key, value in internal.items() if not (key == "event_fired" and value is False)}
    return kept or None


def load_state(model: ProcessModel, workflow: Any, packed: bytes) -> None:
    """Fill an empty workflow of this model from bytes. Raises CodecError."""
    try:
        version, variables, memory, trees = msgpack.unpackb(packed, raw=False, strict_map_key=False)
    except Exception as error:
        raise CodecError(f"Expected the state of a case, but found {len(packed)} other bytes") from error
    if version != VERSION:
        raise CodecError(f"Expected state version {VERSION}, but found {version}")
    workflow.variables = variables
    workflow.memory = memory
    for parent, spec_name, completed, rows in trees:
        if parent is None:
            tree = workflow
        else:
            tree = _restore_subprocess(model, workflow, UUID(bytes=parent), spec_name)
        tree.completed = completed
        _restore_tasks(model, tree, spec_name, rows)
    _watch_events(workflow)


def _restore_subprocess(model: ProcessModel, workflow: Any, parent_id: UUID, spec_name: str) -> Any:
    sub = BpmnSubWorkflow(model.subspecs[spec_name], parent_id, workflow, deserializing=True)
    workflow.subprocesses[parent_id] = sub
    parent = workflow.get_task_from_id(parent_id)
    sub.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
    return sub


def _restore_tasks(model: ProcessModel, tree: Any, spec_name: str, rows: list[Any]) -> None:
    names = model.spec_names[spec_name]
    specs: Mapping[str, Any] = tree.spec.task_specs
    restored: list[Any] = []
    for raw_id, parent_position, spec_index, state, triggered, internal in rows:
        task = Task.__new__(Task)
        task.id = UUID(bytes=raw_id)
        task.workflow = tree
        task._children = []
        task._state = state
        task.triggered = triggered
        task.task_spec = specs[names[spec_index]]
        task.thread_id = 0
        task.data = {}
        task.internal_data = internal or {}
        task.last_state_change = 0.0
        if parent_position < 0:
            task._parent = None
            tree.task_tree = task
        else:
            parent = restored[parent_position]
            task._parent = parent.id
            parent._children.append(task.id)
        tree.tasks[task.id] = task
        restored.append(task)


def _watch_events(workflow: Any) -> None:
    for tree in (workflow, *workflow.subprocesses.values()):
        for task in tree.tasks.values():
            if task._state == TaskState.WAITING and hasattr(task.task_spec, "event_definition"):
                workflow.event_manager.add_task(task)
