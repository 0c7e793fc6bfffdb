"""One case in memory: start or load it, act on it, take the outcome and the new bytes. No database here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.util.task import TaskState

from service.engine.codec import dump_state, load_state
from service.engine.evaluator import ENGINE
from service.engine.model import Element, ProcessModel
from service.engine.outcome import Happening, Outcome, ScopeLimit
from service.engine.pruning import prune
from service.engine.reading import armed_timer, is_open, open_step, scope_limits
from service.engine.specs import is_timer, is_warning
from service.errors import MingjingError

# A diagram that makes more automatic steps than this in one act runs in a circle without a person in it.
MOST_STEPS_IN_ONE_ACT = 500
HALT_CODE = "TOO_EARLY"


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


class CaseWorkflow(BpmnWorkflow):  # type: ignore[misc]
    """SpiffWorkflow's workflow with the case's variables, its own `now` and a trace of what ran by itself."""

    def __init__(self, model: ProcessModel, host: Host, now: datetime, *, deserializing: bool) -> None:
        self.model = model
        self.host = host
        self.now = now
        self.variables: dict[str, Any] = {}
        self.memory: dict[str, Any] = {}
        self.trace: list[Happening] = []
        self.halted = False
        super().__init__(model.spec, dict(model.subspecs), script_engine=ENGINE, deserializing=deserializing)

    def lookup(self, name: str) -> object:
        if name in self.variables:
            return self.variables[name]
        derived = self.model.derived.get(name)
        return derived.evaluate(self.lookup) if derived is not None else self.host.fact(name)

    def element_of(self, task: Any) -> Element | None:
        return self.model.elements.get((task.workflow.spec.name, task.task_spec.bpmn_id))

    def operate(self, task: Any) -> bool:
        element = self.element_of(task)
        if element is None:
            raise EngineFailure(f"Expected {task.task_spec.name} to be an element of the diagram")
        self.trace.append(Happening("operation", element))
        return self.host.operate(element.properties.get("operation", ""), element, self.variables)

    def holds(self, task: Any) -> bool:
        """While a case is halted, timers that warn still fire and timers that move the token wait."""
        return self.halted and not is_warning(task)

    def fired(self, task: Any) -> None:
        element = self.element_of(task)
        if element is not None:
            self.trace.append(Happening("timer", element))


class CaseRun:
    """One case, one act, one `now`. Use once: start or load, act, then `outcome` and `dump`."""

    def __init__(self, workflow: CaseWorkflow) -> None:
        self._workflow = workflow
        self._before: dict[UUID, Any] = {}
        self._timers_before: set[UUID] = set()

    @classmethod
    def start(cls, model: ProcessModel, host: Host, now: datetime, variables: dict[str, Any]) -> CaseRun:
        """A new case, run up to its first open steps."""
        workflow = CaseWorkflow(model, host, now, deserializing=False)
        workflow.variables.update(variables)
        run = cls(workflow)
        run._guarded(run._advance)
        return run

    @classmethod
    def load(cls, model: ProcessModel, host: Host, now: datetime, state: bytes) -> CaseRun:
        """The case as its bytes say; nothing has run yet."""
        workflow = CaseWorkflow(model, host, now, deserializing=True)
        load_state(model, workflow, state)
        run = cls(workflow)
        for task in run._tasks():
            if is_open(task):
                run._before[task.id] = task
            if task._state == TaskState.WAITING and is_timer(task):
                run._timers_before.add(task.id)
        workflow.halted = run._is_halted()
        return run

    @property
    def variables(self) -> dict[str, Any]:
        return self._workflow.variables

    @property
    def memory(self) -> dict[str, Any]:
        """Small plain values that the service keeps with the state, such as open clock stops."""
        return self._workflow.memory

    @property
    def halted(self) -> bool:
        return self._workflow.halted

    def lookup(self, name: str) -> object:
        """A variable, a derived variable or a fact, as the diagram's conditions see it."""
        return self._workflow.lookup(name)

    def is_ready(self, task_id: str) -> bool:
        task = self._find(task_id)
        return task is not None and task._state == TaskState.READY

    def complete(self, task_id: str, answers: dict[str, Any]) -> None:
        """Complete a ready user task; `answers` become variables as far as some expression reads them."""
        task = self._ready(task_id)
        self._guarded(lambda: self._complete(task, answers))

    def halt(self, task_id: str, answers: dict[str, Any]) -> bool:
        """Take the TOO_EARLY way out of a task instead of completing it; False if the diagram draws none."""
        task = self._ready(task_id)
        way_out = next((s for s in _siblings(task) if _error_code(s) == HALT_CODE), None)
        if way_out is None:
            return False
        self._guarded(lambda: self._catch(way_out, answers))
        return True

    def receive(self, message: str, values: dict[str, Any]) -> str | None:
        """Give a message to the first step that waits for it; its task id, or None if none waits."""
        for task in self._tasks():
            definition = getattr(task.task_spec, "event_definition", None)
            waits = task._state == TaskState.WAITING and isinstance(definition, MessageEventDefinition)
            if waits and definition.name == message:
                self._guarded(lambda found=task: self._catch(found, values))  # type: ignore[misc]
                return str(task.id.hex)
        return None

    def tick(self) -> None:
        """Fire every due timer in order of its instant, those that warn before those that move."""
        self._guarded(self._tick)

    def pause_timer(self, timer_id: str, remaining: Any) -> None:
        """Disarm a timer; `remaining` (plain values) says what was left of it."""
        internal = self._find(timer_id).internal_data
        internal.pop("event_value", None)
        internal["remaining"] = remaining

    def resume_timer(self, timer_id: str, due_at: datetime) -> None:
        """Arm a timer for a new instant, whether it was paused or not."""
        internal = self._find(timer_id).internal_data
        internal.pop("remaining", None)
        internal["event_value"] = due_at.astimezone(UTC).isoformat()

    def limits_around(self, task_id: str) -> tuple[ScopeLimit, ...]:
        """The running and paused limits of the scopes that a step is in (statutory and promised)."""
        task = self._find(task_id)
        return scope_limits(self._workflow, task) if task is not None else ()

    def outcome(self) -> Outcome:
        """What has happened since the case was started or loaded."""
        workflow = self._workflow
        open_now = {task.id: task for task in self._tasks() if is_open(task)}
        timers = {t.id: t for t in self._tasks() if t._state == TaskState.WAITING and is_timer(t)}
        ended = [h.element for h in workflow.trace if h.kind == "ended" and h.element.properties.get("outcome")]
        completed = workflow.is_completed()
        return Outcome(
            entered=tuple(open_step(workflow, t) for i, t in open_now.items() if i not in self._before),
            left=tuple(i.hex for i in self._before if i not in open_now),
            armed=tuple(armed_timer(workflow, t) for i, t in timers.items() if i not in self._timers_before),
            disarmed=tuple(i.hex for i in self._timers_before if i not in timers),
            happenings=tuple(workflow.trace),
            halted=self._is_halted(),
            completed=completed,
            ended_with=ended[-1].properties["outcome"] if completed and ended else None,
        )

    def dump(self) -> bytes:
        """The bytes of the state, pruned."""
        prune(self._workflow)
        return dump_state(self._workflow.model, self._workflow)

    # ---------------------------------------------------------------------------------------------------------------
    def _guarded(self, act: Any) -> None:
        try:
            act()
        except MingjingError:
            raise
        except Exception as error:
            raise EngineFailure(f"Expected the diagram to run on, but {type(error).__name__}: {error}") from error
        self._workflow.halted = self._is_halted()

    def _complete(self, task: Any, answers: dict[str, Any]) -> None:
        self._workflow.variables.update(answers)
        task.run()
        self._advance()

    def _catch(self, task: Any, values: dict[str, Any]) -> None:
        self._workflow.variables.update(values)
        task.task_spec.catch(task, BpmnEvent(task.task_spec.event_definition, payload={}))
        task.task_spec._update(task)
        self._advance()

    def _tick(self) -> None:
        timers = [t for t in self._tasks() if t._state == TaskState.WAITING and is_timer(t)]
        timers = [t for t in timers if "event_value" in t.internal_data]
        for task in sorted(timers, key=lambda t: (t.internal_data["event_value"], not is_warning(t))):
            if task._state == TaskState.WAITING:
                task.task_spec._update(task)
                if task._state == TaskState.READY:
                    self._advance()

    def _advance(self) -> None:
        """Run until quiet: SpiffWorkflow refreshes timers last and does not run what they released."""
        workflow = self._workflow
        steps = 0
        while True:
            workflow.do_engine_steps(did_complete_task=self._did_complete)
            steps += 1
            if len(workflow.trace) > MOST_STEPS_IN_ONE_ACT:
                raise EngineFailure(f"Expected a person within {MOST_STEPS_IN_ONE_ACT} steps, but the diagram circles")
            if not any(t._state == TaskState.READY and not t.task_spec.manual for t in self._tasks()):
                return

    def _did_complete(self, task: Any) -> None:
        element = self._workflow.element_of(task)
        if element is None or element.kind in ("serviceTask", "boundaryEvent", "startEvent"):
            return
        kind = "ended" if element.kind == "endEvent" else "passed"
        self._workflow.trace.append(Happening(kind, element))

    def _tasks(self) -> list[Any]:
        workflow = self._workflow
        found = list(workflow.tasks.values())
        for sub in workflow.subprocesses.values():
            found.extend(sub.tasks.values())
        return found

    def _find(self, task_id: str) -> Any:
        wanted = UUID(hex=task_id)
        for tree in (self._workflow, *self._workflow.subprocesses.values()):
            if wanted in tree.tasks:
                return tree.tasks[wanted]
        return None

    def _ready(self, task_id: str) -> Any:
        task = self._find(task_id)
        if task is None or task._state != TaskState.READY:
            raise EngineFailure(f"Expected task {task_id} to be ready, but it is not")
        return task

    def _is_halted(self) -> bool:
        return any(
            t._state == TaskState.READY
            and t.task_spec.manual
            and (element := self._workflow.element_of(t)) is not None
            and element.properties.get("halts") == "case"
            for t in self._tasks()
        )


def _siblings(task: Any) -> list[Any]:
    parent = task.parent
    return [s for s in parent.children if s._state == TaskState.WAITING] if parent is not None else []


def _error_code(task: Any) -> str | None:
    if not isinstance(task.task_spec, BoundaryEvent):
        return None
    return getattr(task.task_spec.event_definition, "code", None)
