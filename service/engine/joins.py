"""Where branches meet, by tokens: one that has arrived counts once, for the meeting that it waited for.

SpiffWorkflow counts the arrivals of earlier rounds too, when a way back leads through a fork again and the tree still
holds them: the second round's join would open with its first token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway
from SpiffWorkflow.util.task import TaskState

_IS_TOKEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED
# A token that waits for the others; the library cancels all waiting ones but the last to come.
_WAITS = TaskState.WAITING | TaskState.CANCELLED


def find_upstream(gateway: CaseInclusiveGateway) -> dict[str, frozenset[str]]:
    """What `CaseInclusiveGateway.upstream` says, read off the finished spec once."""
    specs = gateway._wf_spec.task_specs
    upstream = {}
    for flow in gateway._inputs:
        found: set[str] = set()
        pending = [flow]
        while pending:
            name = pending.pop()
            if name not in found and name != gateway.name:
                found.add(name)
                pending.extend(specs[name]._inputs)
        upstream[flow] = frozenset(found)
    return upstream


def arrivals(my_task: Any) -> list[Any]:
    """The tokens that stand before this gateway, without the one that `my_task` is; oldest first."""
    spec = my_task.task_spec
    return [
        task
        for task in my_task.workflow.tasks.values()
        if task.task_spec is spec
        and task._state & _WAITS
        and task is not my_task
        and task.parent is not None
        and task.parent._state == TaskState.COMPLETED
    ]


def is_arrival(task: Any) -> bool:
    """Whether a cancelled task is a token that a join still has to count."""
    return task._state == TaskState.CANCELLED and isinstance(task.task_spec, CaseParallelGateway | CaseInclusiveGateway)


def consume(my_task: Any, tokens: list[Any]) -> None:
    """Take tokens out of the tree that have met here."""
    for task in tokens:
        my_task.workflow._remove_task(task.id)


class CaseParallelGateway(ParallelGateway):  # type: ignore[misc]
    """BPMN 2.0, 13.4.1: takes one token from each incoming flow; excess tokens stay where they are."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        came = {task.parent.task_spec.name for task in (my_task, *arrivals(my_task))}
        return came.issuperset(self._inputs)

    def _run_hook(self, my_task: Any) -> bool:
        met = {my_task.parent.task_spec.name: my_task}
        for task in arrivals(my_task):
            met.setdefault(task.parent.task_spec.name, task)
        consume(my_task, [task for task in met.values() if task is not my_task])
        return True


class CaseInclusiveGateway(InclusiveGateway):  # type: ignore[misc]
    """BPMN 2.0, 13.4.3: waits for every token that may still come to an incoming flow where none has come yet.

    A token that may as well come to a flow where one is waiting already is not waited for. The library's own rule does
    not see running sub-processes, nor anything behind an earlier round.
    """

    # By incoming flow (the name of its source): all from which a token gets there without passing this gateway.
    upstream: Mapping[str, frozenset[str]]

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        came = {task.parent.task_spec.name for task in (my_task, *arrivals(my_task))}
        awaited = self._from(set(self.upstream) - came) - self._from(came & set(self.upstream))
        return not any(
            task._state & _IS_TOKEN and task.task_spec is not self and task.task_spec.name in awaited
            for task in my_task.workflow.tasks.values()
        )

    def _from(self, flows: set[str]) -> set[str]:
        return set().union(*(self.upstream[flow] for flow in flows))

    def _run_hook(self, my_task: Any) -> bool:
        consume(my_task, arrivals(my_task))
        matches, defaults = self._get_matching_outputs(my_task)
        if not matches and not defaults:
            raise ValueError(f"Expected a condition of {self.name} to hold, but none does")
        my_task._sync_children(matches or defaults, TaskState.FUTURE)
        return True


class CaseEndJoin(_EndJoin):  # type: ignore[misc]
    """The end of a process waits for every open token in it."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        return not any(
            task._state & TaskState.NOT_FINISHED_MASK and task is not my_task and task.task_spec.name != "End"
            for task in my_task.workflow.tasks.values()
        )

    def _run_hook(self, my_task: Any) -> bool:
        return True
