"""Keeps the task tree small: what is open, what that hangs on, and nothing of the way that led there.

The history table, not the task tree, is the record. Without this a case's 500th loop costs ten times its 5th, and at a
depth of 1,000 SpiffWorkflow finds no task any more, without a word.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from SpiffWorkflow.util.task import TaskState

from service.engine.joins import is_arrival


def prune(workflow: Any) -> None:
    """Prune the case's own tree and that of every open sub-process; forget finished sub-processes."""
    _forget_finished(workflow)
    for tree in workflow.trees:
        _prune_tree(tree)


def _forget_finished(workflow: Any) -> None:
    """Outer ones first: what ran inside a sub-process that is over is over too."""
    for parent_id in sorted(workflow.subprocesses, key=lambda i: int(workflow.subprocesses[i].depth)):
        scope = next((tree.tasks[parent_id] for tree in workflow.trees if parent_id in tree.tasks), None)
        if scope is None or scope.has_state(TaskState.FINISHED_MASK):
            del workflow.subprocesses[parent_id]


def _prune_tree(tree: Any) -> None:
    needed = _needed(tree)
    if len(needed) == len(tree.tasks):
        return
    above, branches = _ways_down(tree, needed)
    kept = needed | {task_id for task_id, count in branches.items() if count > 1}
    for task_id in kept:
        task = tree.tasks[task_id]
        if not kept.issuperset(task._children):
            _hang_up_again(tree, task, kept, above)
    tree.task_tree = _next_kept(tree, tree.task_tree.id, kept, above)
    tree.task_tree._parent = None
    tree.tasks = {task_id: task for task_id, task in tree.tasks.items() if task_id in kept}


def _needed(tree: Any) -> set[Any]:
    """Open tasks, tokens that a join still counts, and their parents.

    A boundary event that has fired stays while its step is open, for the join behind it waits for the step.
    """
    needed: set[Any] = set()
    for task in () if tree.completed else tree.tasks.values():
        if task._state & TaskState.FINISHED_MASK and not is_arrival(task):
            continue
        needed.add(task.id)
        parent = task.parent
        if parent is not None:
            needed.add(parent.id)
    return needed or {tree.task_tree.id}


def _ways_down(tree: Any, needed: set[Any]) -> tuple[set[Any], Counter[Any]]:
    """All tasks on the way to a needed one, and how many of each one's children are such."""
    above: set[Any] = set()
    branches: Counter[Any] = Counter()
    for task_id in needed:
        while task_id not in above:
            above.add(task_id)
            task_id = tree.tasks[task_id]._parent
            if task_id is None:
                break
            branches[task_id] += 1
    return above, branches


def _hang_up_again(tree: Any, task: Any, kept: set[Any], above: set[Any]) -> None:
    """Give a kept task the nearest kept tasks below it for children, in their order."""
    children = [_next_kept(tree, child, kept, above) for child in task._children if child in above]
    task._children = [child.id for child in children]
    for child in children:
        child._parent = task.id


def _next_kept(tree: Any, task_id: Any, kept: set[Any], above: set[Any]) -> Any:
    """A task itself, or the one below it that is kept: one that goes has a single way down."""
    while task_id not in kept:
        task_id = next(child for child in tree.tasks[task_id]._children if child in above)
    return tree.tasks[task_id]
