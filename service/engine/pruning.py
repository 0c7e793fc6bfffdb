"""Keeps the task tree small: everything above the lowest finished common ancestor of what is open goes.

The history table, not the task tree, is the record. Without this a case's 500th loop costs ten times its 5th, and at a
depth of 1,000 SpiffWorkflow silently finds no task any more.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState


def prune(workflow: Any) -> None:
    """Prune the case's own tree and that of every open sub-process; forget finished sub-processes."""
    for parent_id in [i for i, sub in workflow.subprocesses.items() if _is_over(workflow, i)]:
        del workflow.subprocesses[parent_id]
    for tree in (workflow, *workflow.subprocesses.values()):
        _prune_tree(tree)


def _is_over(workflow: Any, parent_id: Any) -> bool:
    parent = workflow.get_task_from_id(parent_id) if _knows(workflow, parent_id) else None
    return parent is None or bool(parent.has_state(TaskState.FINISHED_MASK))


def _knows(workflow: Any, task_id: Any) -> bool:
    return task_id in workflow.tasks or any(task_id in sub.tasks for sub in workflow.subprocesses.values())


def _prune_tree(tree: Any) -> None:
    root = tree.task_tree
    while root.has_state(TaskState.FINISHED_MASK):
        open_children = [child for child in root.children if _has_open(tree, child)]
        if len(open_children) != 1 or not open_children[0].has_state(TaskState.FINISHED_MASK):
            break
        root = open_children[0]
    if root is tree.task_tree:
        return
    kept = {task.id for task in _subtree(tree, root)}
    for task_id in [i for i in tree.tasks if i not in kept]:
        del tree.tasks[task_id]
    root._parent = None
    tree.task_tree = root
    if tree.last_task is not None and tree.last_task.id not in tree.tasks:
        tree.last_task = root


def _has_open(tree: Any, task: Any) -> bool:
    return any(not t.has_state(TaskState.FINISHED_MASK) for t in _subtree(tree, task))


def _subtree(tree: Any, task: Any) -> list[Any]:
    found, pending = [], [task.id]
    while pending:
        current = tree.tasks[pending.pop()]
        found.append(current)
        pending.extend(current._children)
    return found
