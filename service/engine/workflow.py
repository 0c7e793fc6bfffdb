"""Our task tree on top of SpiffWorkflow's: lean tasks that queue themselves when they are ready, and one case's values.

Timers fire through `CaseRun` alone, one by one in the order of their instants: SpiffWorkflow would release all that
are due at once, and two interrupting timers of one step would then both move the token.
"""

from __future__ import annotations

import os
from collections import deque
from datetime import datetime
from typing import Any, Protocol

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.evaluator import ENGINE
from service.engine.model import Element, ProcessModel
from service.engine.outcome import Happening
from service.errors import MingjingError

# A diagram that makes more automatic steps than this in one act runs in a circle without a person in it.
MOST_STEPS_IN_ONE_ACT = 500
MOST_SCOPES_DEEP = 20


class EngineFailure(MingjingError):
    """The engine could not do what the diagram says; the act is undone and becomes an incident."""


class Host(Protocol):
    """What a run asks of the service while it runs."""

    def fact(self, name: str) -> object:
        """A fact that the service answers and no form ever sets (fee_settled, ...); None if it knows none."""

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
        """A timer function: working_days, natural_days, office_hours, hours."""

    def operate(self, operation: str, element: Element, variables: dict[str, Any]) -> bool:
        """Run an operation of the service; True when it is done, False when it comes back later."""


class TaskId(bytes):
    """16 random bytes, hashed and stored as they are: making and hashing UUID objects costs several times as much."""

    __slots__ = ()

    @property
    def hex(self) -> str:  # type: ignore[override]
        return bytes.hex(self)


class CaseTask(Task):  # type: ignore[misc]
    """A place that a token has, had or may have. It carries no data: the values of a case are its variables."""

    last_state_change = 0.0  # Nothing here reads it, and the library would ask the system's clock for it.
    thread_id = 0

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: CaseTask | None = None,
        state: int = TaskState.MAYBE,
        id: TaskId | None = None,
    ) -> None:
        self.id = id or workflow.top_workflow.new_id()
        self.workflow = workflow
        self.task_spec = task_spec
        self._parent = None if parent is None else parent.id
        self._children: list[TaskId] = []
        self._state = state
        self.triggered = False
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        workflow.tasks[self.id] = self
        if parent is not None:
            parent._children.append(self.id)

    @property
    def children(self) -> list[CaseTask]:
        tasks = self.workflow.tasks
        return [tasks[child] for child in self._children]

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> CaseTask:
        if self._state & TaskState.PREDICTED_MASK and not state & TaskState.PREDICTED_MASK:
            raise WorkflowException("Expected a predicted child of a predicted task", task_spec=self.task_spec)
        return CaseTask(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        self._state = value
        if value == TaskState.READY:
            self.workflow.top_workflow.ready.append(self)

    def run(self) -> bool | None:
        self.put_followers()
        done: bool | None = super().run()
        return done

    def put_followers(self) -> None:
        """The tasks that this one leads to; a gateway that chooses puts its own."""
        if not self.task_spec.chooses:
            self.task_spec._predict_hook(self)

    def _inherit_data(self) -> None:
        """Nothing to inherit."""


class CaseTree:
    """Mixed into SpiffWorkflow's workflows: a tree of our tasks, in which a finished task wakes joins alone."""

    spec: Any
    tasks: dict[TaskId, CaseTask]
    task_tree: CaseTask
    last_task: CaseTask | None
    completed: bool

    def plant(self) -> None:
        """The root of a new tree."""
        self.task_tree = CaseTask(self, self.spec.start, state=TaskState.FUTURE)
        self.task_tree._ready()

    def is_completed(self) -> bool:
        if not self.completed:
            self.completed = all(task._state & TaskState.FINISHED_MASK for task in self.tasks.values())
        return self.completed

    def _task_completed_notify(self, task: CaseTask) -> None:
        self.last_task = task
        if task.task_spec.name == "End":
            self._mark_complete(task)
        if self.completed:
            self.completed_event(self)  # type: ignore[attr-defined]
            return
        for join in [t for t in self.tasks.values() if t._state == TaskState.WAITING and isinstance(t.task_spec, Join)]:
            if join._state == TaskState.WAITING:
                join.task_spec._update(join)

    def _mark_complete(self, task: CaseTask) -> None:
        self.completed = True

    def _task_removed_notify(self, task: CaseTask) -> None:
        """A task that is no longer in the tree catches nothing, and nothing goes on inside it."""
        top = task.workflow.top_workflow
        top.event_manager.remove_task(task)
        inside = top.subprocesses.get(task.id)
        if inside is not None:
            inside.cancel()


class CaseSubprocess(CaseTree, BpmnSubWorkflow):  # type: ignore[misc]
    """One run of a sub-process or of a called diagram."""

    def __init__(self, spec: Any, parent_task_id: TaskId, top_workflow: CaseWorkflow) -> None:
        super().__init__(spec, parent_task_id, top_workflow, deserializing=True)


class CaseWorkflow(CaseTree, BpmnWorkflow):  # type: ignore[misc]
    """The case's own tree with its variables, its one `now` and a trace of what ran by itself.

    `outcome_reached` is the outcome of the last end event that has one; it is kept with the state.
    """

    def __init__(self, model: ProcessModel, host: Host, now: datetime) -> None:
        self.model = model
        self.host = host
        self.now = now
        self.variables: dict[str, Any] = {}
        self.memory: dict[str, Any] = {}
        self.outcome_reached: str | None = None
        self.trace: list[Happening] = []
        self.ready: deque[CaseTask] = deque()
        self._ids: list[TaskId] = []
        super().__init__(model.spec, dict(model.subspecs), script_engine=ENGINE, deserializing=True)

    @property
    def trees(self) -> list[Any]:
        """The case's own tree and those of its sub-processes, finished ones included."""
        return [self, *self.subprocesses.values()]

    def new_id(self) -> TaskId:
        if not self._ids:
            noise = os.urandom(16 * 16)
            self._ids = [TaskId(noise[start : start + 16]) for start in range(0, len(noise), 16)]
        return self._ids.pop()

    def all_tasks(self) -> list[CaseTask]:
        found = list(self.tasks.values())
        for tree in self.subprocesses.values():
            found.extend(tree.tasks.values())
        return found

    def create_subprocess(self, my_task: CaseTask, spec_name: str) -> CaseSubprocess:
        tree = CaseSubprocess(self.subprocess_specs[spec_name], my_task.id, self)
        if tree.depth > MOST_SCOPES_DEEP:
            raise EngineFailure(f"Expected at most {MOST_SCOPES_DEEP} scopes inside each other at {spec_name}")
        self.subprocesses[my_task.id] = tree
        tree.plant()
        return tree

    def run_ready(self) -> None:
        """Run everything that needs no person, in the order in which it became ready."""
        while self.ready:
            task = self.ready.popleft()
            gone = task.workflow.tasks.get(task.id) is not task
            if gone or task._state != TaskState.READY or task.task_spec.manual:
                continue
            task.run()
            self._note_run(task)

    def _note_run(self, task: CaseTask) -> None:
        element = self.element_of(task)
        if element is None or element.kind in ("serviceTask", "boundaryEvent", "startEvent"):
            return
        ended = element.kind == "endEvent"
        if ended and element.properties.get("outcome"):
            self.outcome_reached = element.properties["outcome"]
        self.note(Happening("ended" if ended else "passed", element))

    def note(self, happening: Happening) -> None:
        if len(self.trace) >= MOST_STEPS_IN_ONE_ACT:
            raise EngineFailure(f"Expected a person within {MOST_STEPS_IN_ONE_ACT} steps, but the diagram circles")
        self.trace.append(happening)

    def lookup(self, name: str) -> object:
        if name in self.variables:
            return self.variables[name]
        derived = self.model.derived.get(name)
        return derived.evaluate(self.lookup) if derived is not None else self.host.fact(name)

    def element_of(self, task: Any) -> Element | None:
        return self.model.elements.get((task.workflow.spec.name, task.task_spec.bpmn_id))

    def timer_element(self, task: Any) -> Element:
        """The event that draws the timer a task waits for; behind a gateway it is not the task itself."""
        return self.model.elements[(task.workflow.spec.name, task.task_spec.timer_element)]

    def operate(self, task: Any) -> bool:
        element = self.element_of(task)
        if element is None:
            raise EngineFailure(f"Expected {task.task_spec.name} to be an element of the diagram")
        self.note(Happening("operation", element))
        return self.host.operate(element.properties.get("operation", ""), element, self.variables)

    def catch(self, event: Any) -> None:
        """An error that nothing in the case catches is a failure of the diagram, not an end."""
        super().catch(event)
        if event in self.bpmn_events and isinstance(event.event_definition, ErrorEventDefinition):
            raise EngineFailure(f"Expected a boundary event for error {event.event_definition.code}, but found none")
