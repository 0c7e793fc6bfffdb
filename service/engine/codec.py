"""The bytes of a case's state: msgpack tuples, 16-byte ids, an index into the model instead of names.

Layout (version 1): [version, the model's fingerprint, variables, memory, outcome reached | None, [tree, ...]], a tree:
[parent id | None, scope, completed, [task, ...]], a task: [id | None, parent's position | -1, index in the model,
state, triggered, internal data | None], parents before their children, outer trees before inner ones. A task that no
token has reached has no id yet. The spec is never in it; the model of the case's definition version gives it back.
"""

from __future__ import annotations

from typing import Any

import msgpack
from SpiffWorkflow.util.task import TaskState

from service.engine.model import ProcessModel
from service.engine.specs import is_timer
from service.engine.workflow import CaseSubprocess, CaseTask, CaseWorkflow, TaskId
from service.errors import MingjingError

VERSION = 1
# What the library leaves behind in a waiting task although it says nothing.
_SAYS_NOTHING = {"event_fired": False, "seen_events": []}


class CodecError(MingjingError):
    """Bytes that are no state of this model, or values that no state can hold."""


def dump_state(model: ProcessModel, workflow: CaseWorkflow) -> bytes:
    """The state of a case as bytes; finished sub-processes are left out. Raises CodecError."""
    trees = [_dump_tree(model, workflow, None)]
    trees += [_dump_tree(model, tree, parent_id) for parent_id, tree in _open_subprocesses(workflow)]
    parts = [VERSION, model.fingerprint, workflow.variables, workflow.memory, workflow.outcome_reached, trees]
    try:
        packed: bytes = msgpack.packb(parts, use_bin_type=True)
    except (TypeError, ValueError, OverflowError) as error:
        raise CodecError(f"Expected plain values (text, numbers, lists, objects) in a case, but {error}") from error
    return packed


def _open_subprocesses(workflow: CaseWorkflow) -> list[tuple[TaskId, Any]]:
    """Outer ones first, so that a parent is there when its child is restored."""
    alive = [
        (parent_id, tree)
        for parent_id, tree in workflow.subprocesses.items()
        if not workflow.get_task_from_id(parent_id).has_state(TaskState.FINISHED_MASK)
    ]
    return sorted(alive, key=lambda pair: int(pair[1].depth))


def _dump_tree(model: ProcessModel, tree: Any, parent_id: TaskId | None) -> list[Any]:
    indexes = model.spec_indexes[tree.spec.name]
    positions: dict[TaskId, int] = {}
    rows: list[Any] = []
    tasks = tree.tasks
    pending = [tree.task_tree.id]
    while pending:
        task = tasks[pending.pop()]
        positions[task.id] = len(rows)
        index = indexes[task.task_spec.name]
        parent = positions.get(task._parent, -1)
        known = task.id if task._state >= TaskState.WAITING else None
        rows.append((known, parent, index, task._state, task.triggered, _plain(task)))
        pending.extend(reversed(task._children))
    return [parent_id, tree.spec.name, tree.completed, rows]


def _plain(task: CaseTask) -> dict[str, Any] | None:
    """What a task remembers; of finished ones only timers are asked again, for the instant that has passed."""
    if not task.internal_data or (task._state & TaskState.FINISHED_MASK and not is_timer(task)):
        return None
    kept = {k: v for k, v in task.internal_data.items() if k not in _SAYS_NOTHING or v != _SAYS_NOTHING[k]}
    return kept or None


def load_state(model: ProcessModel, workflow: CaseWorkflow, packed: bytes) -> None:
    """Fill an empty workflow of this model from bytes. Raises CodecError."""
    try:
        version, fingerprint, *parts = msgpack.unpackb(packed, raw=False, strict_map_key=False)
    except Exception as error:
        raise CodecError(f"Expected the state of a case, but found {len(packed)} other bytes") from error
    if version != VERSION or fingerprint != model.fingerprint:
        raise CodecError(f"Expected a state (version {VERSION}) of {model.key} as it is here, but found another's")
    try:
        _restore(model, workflow, parts)
    except (LookupError, TypeError, ValueError) as error:
        raise CodecError(f"Expected the whole state of a case, but {type(error).__name__}: {error}") from error


def _restore(model: ProcessModel, workflow: CaseWorkflow, parts: list[Any]) -> None:
    workflow.variables, workflow.memory, workflow.outcome_reached, trees = parts
    for parent_id, scope, completed, rows in trees:
        tree = workflow if parent_id is None else _restore_subprocess(model, workflow, TaskId(parent_id), scope)
        tree.completed = completed
        _restore_tasks(workflow, tree, model.spec_names[scope], rows)


def _restore_subprocess(model: ProcessModel, workflow: CaseWorkflow, parent_id: TaskId, scope: str) -> CaseSubprocess:
    tree = CaseSubprocess(model.subspecs[scope], parent_id, workflow)
    workflow.subprocesses[parent_id] = tree
    parent = workflow.get_task_from_id(parent_id)
    tree.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
    return tree


def _restore_tasks(workflow: CaseWorkflow, tree: Any, names: tuple[str, ...], rows: list[Any]) -> None:
    specs = tree.spec.task_specs
    restored: list[CaseTask] = []
    for raw_id, position, index, state, triggered, internal in rows:
        parent = None if position < 0 else restored[position]
        task = CaseTask(tree, specs[names[index]], parent, state, TaskId(raw_id) if raw_id else None)
        task.triggered = triggered
        if internal is not None:
            task.internal_data = internal
        if state == TaskState.WAITING and hasattr(task.task_spec, "event_definition"):
            workflow.event_manager.add_task(task)
        restored.append(task)
    tree.task_tree = restored[0]
