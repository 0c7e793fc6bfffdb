"""One case in memory: start or load it, act on it, take the outcome and the new bytes. No database here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.util.task import TaskState

from service.engine.codec import dump_state, load_state
from service.engine.model import FACTS, ProcessModel
from service.engine.outcome import ArmedTimer, Happening, OpenStep, Outcome, ScopeLimit
from service.engine.pruning import prune
from service.engine.reading import (
    armed_timer,
    can_go_on,
    guards,
    is_armed,
    is_open,
    open_step,
    scope_limits,
    scopes_around,
)
from service.engine.sending_back import send_back
from service.engine.specs import OperationTask, awaits_message, is_timer, is_warning, repeat
from service.engine.workflow import CaseTask, CaseWorkflow, EngineFailure, Host, TaskId
from service.errors import MingjingError

HALT_CODE = "TOO_EARLY"
MOST_REPEATS_IN_ONE_ACT = 50
# In the memory of a case: the act that was held (see `commands.terminals`), for which no diagram draws a ruling.
HELD = "held_act"


class CaseRun:
    """One case, one act, one `now`. Use once: start or load, act, then `outcome` and `dump`.

    After an act that raised there is no state to keep: `outcome` and `dump` then raise too.
    """

    def __init__(self, workflow: CaseWorkflow) -> None:
        self._workflow = workflow
        # What was open, and the step's id where it waited for a person.
        self._before: dict[TaskId, str | None] = {}
        self._timers_before: tuple[TaskId, ...] = ()
        self._failed = False
        self._repeats = 0
        self._for_another_act: set[TaskId] = set()

    @classmethod
    def start(cls, model: ProcessModel, host: Host, now: datetime, variables: dict[str, Any]) -> CaseRun:
        """A new case, run up to its first open steps."""
        workflow = CaseWorkflow(model, host, now)
        workflow.variables.update(variables)
        run = cls(workflow)
        run._guarded(run._begin)
        return run

    @classmethod
    def load(cls, model: ProcessModel, host: Host, now: datetime, state: bytes) -> CaseRun:
        """The case as its bytes say; nothing has run yet. Raises CodecError."""
        workflow = CaseWorkflow(model, host, now)
        load_state(model, workflow, state)
        run = cls(workflow)
        tasks = workflow.all_tasks()
        run._before = {task.id: _awaited(task) for task in tasks if is_open(task)}
        run._timers_before = tuple(task.id for task in tasks if _is_waiting_timer(task))
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
        """Whether a supervisor has to rule before anything else may happen."""
        return HELD in self.memory or any(self._halts(task) for task in self._workflow.all_tasks())

    @property
    def suspended(self) -> bool:
        """Whether the office has suspended the case (中止): what would move its token waits, as in a halt."""
        return "suspension" in self.memory

    def lookup(self, name: str) -> object:
        """A variable, a derived variable or a fact, as the diagram's conditions see it."""
        return self._workflow.lookup(name)

    def ready_steps(self) -> tuple[OpenStep, ...]:
        """The user tasks that wait for a person."""
        return self._open_steps(TaskState.READY)

    def waiting_steps(self) -> tuple[OpenStep, ...]:
        """The steps that wait for a message or an instant."""
        return self._open_steps(TaskState.WAITING)

    def armed(self) -> tuple[ArmedTimer, ...]:
        """The timers that wait for their instants."""
        return tuple(armed_timer(self._workflow, task) for task in self._workflow.all_tasks() if is_armed(task))

    def is_ready(self, task_id: str) -> bool:
        task = self._find(task_id)
        return task is not None and bool(task._state == TaskState.READY)

    def complete(self, task_id: str, answers: dict[str, Any]) -> None:
        """Complete a ready user task; `answers` become variables, but for the facts that no form may set."""
        task = self._expected(task_id, TaskState.READY, "ready")
        self._guarded(lambda: self._complete(task, answers))

    def halt(self, task_id: str, answers: dict[str, Any]) -> bool:
        """Take the TOO_EARLY way out of a task instead of completing it; False if the diagram draws none."""
        task = self._expected(task_id, TaskState.READY, "ready")
        way_out = next((g for g in guards(task) if g._state == TaskState.WAITING and _catches_halt(g)), None)
        if way_out is None:
            return False
        self._guarded(lambda: self._catch(way_out, way_out.task_spec.event_definition, _by_person(answers)))
        return True

    def send_back(self, task_id: str, element_id: str) -> None:
        """Put the token of a ready user task before an earlier step of its own scope."""
        task = self._expected(task_id, TaskState.READY, "ready")
        self._guarded(lambda: self._send_back(task, element_id))

    def receive(self, message: str, values: dict[str, Any]) -> str | None:
        """Give a message to the first step that waits for it; its task id, or None if none waits."""
        for task in self._workflow.all_tasks():
            definition = awaits_message(task.task_spec, message) if task._state == TaskState.WAITING else None
            if definition is not None:
                self._catch_guarded(task, definition, values)
                return task.id.hex
        return None

    def finish(self, task_id: str, values: dict[str, Any]) -> None:
        """An operation that was running outside has come back; `values` become variables."""
        task = self._expected(task_id, TaskState.STARTED, "running outside")
        if not isinstance(task.task_spec, OperationTask):
            raise EngineFailure(f"Expected {task_id} to be an operation, but it is {task.task_spec.bpmn_id}")
        self._guarded(lambda: self._finish(task, values))

    def tick(self) -> None:
        """Fire every due timer in order of its instant, those that warn before those that move.

        While the case is halted or suspended, only those that warn.
        """
        self._guarded(self._advance)

    def pause_timer(self, timer_id: str, remaining: Any) -> None:
        """Disarm a timer; `remaining` (plain values) says what was left of it."""
        internal = self._timer(timer_id).internal_data
        internal.pop("event_value", None)
        internal["remaining"] = remaining

    def resume_timer(self, timer_id: str, due_at: datetime) -> None:
        """Arm a timer for a new instant, whether it was paused or not."""
        if due_at.tzinfo is None:
            raise ValueError(f"Expected an instant with an offset, but found {due_at!r}")
        internal = self._timer(timer_id).internal_data
        internal.pop("remaining", None)
        internal["event_value"] = due_at.astimezone(UTC).isoformat()

    def end(self, outcome: str) -> None:
        """Nothing in the case goes on any more; `outcome` says why."""
        self._guarded(lambda: self._end(outcome))

    def lengthen_limit(self, timer_id: str, value: int) -> None:
        """The limit behind a timer is now of `value` units; when it falls due is said by `resume_timer`."""
        limit = self._timer(timer_id).internal_data["limit"]
        self._timer(timer_id).internal_data["limit"] = [value, *limit[1:]]

    def count_from(self, timer_id: str, since: datetime, due_at: datetime) -> None:
        """The limit behind a running timer counts from an earlier instant, and is due then."""
        limit = self._timer(timer_id).internal_data["limit"]
        self._timer(timer_id).internal_data["limit"] = [*limit[:2], since.astimezone(UTC).isoformat()]
        self.resume_timer(timer_id, due_at)

    def has_timer(self, timer_id: str) -> bool:
        """Whether this timer still waits, running or paused."""
        task = self._find(timer_id)
        return task is not None and _is_waiting_timer(task)

    def places_of(self, task_id: str) -> tuple[str, ...]:
        """The element of a step and those of the scopes that it is in, innermost first."""
        task = self._find(task_id)
        if task is None:
            return ()
        around = (task, *scopes_around(self._workflow, task))
        return tuple(str(one.task_spec.bpmn_id) for one in around)

    def limits_around(self, task_id: str) -> tuple[ScopeLimit, ...]:
        """The running and paused limits of the scopes that a step is in (statutory and promised)."""
        task = self._find(task_id)
        return scope_limits(self._workflow, task) if task is not None else ()

    def outcome(self) -> Outcome:
        """What has happened since the case was started or loaded."""
        self._expect_no_failure()
        workflow, tasks = self._workflow, self._workflow.all_tasks()
        open_now = {task.id: task for task in tasks if is_open(task)}
        people_left = {i.hex: step for i, step in self._before.items() if step is not None and i not in open_now}
        timers = {task.id: task for task in tasks if _is_waiting_timer(task)}
        completed = workflow.is_completed()
        return Outcome(
            entered=tuple(open_step(workflow, t) for i, t in open_now.items() if i not in self._before),
            left=tuple(i.hex for i in self._before if i not in open_now),
            tasks_left=tuple(people_left),
            armed=tuple(
                armed_timer(workflow, t) for i, t in timers.items() if i not in self._timers_before and is_armed(t)
            ),
            disarmed=tuple(i.hex for i in self._timers_before if i not in timers),
            happenings=tuple(workflow.trace),
            halted=self.halted and not completed,
            completed=completed,
            ended_with=workflow.outcome_reached if completed else None,
            elements_left=people_left,
        )

    def dump(self) -> bytes:
        """The bytes of the state, pruned. Raises CodecError."""
        self._expect_no_failure()
        prune(self._workflow)
        return dump_state(self._workflow.model, self._workflow)

    # ---------------------------------------------------------------------------------------------------------------
    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            self._failed = True
            if isinstance(error, MingjingError):
                raise
            raise EngineFailure(f"Expected the diagram to run on, but {type(error).__name__}: {error}") from error

    def _expect_no_failure(self) -> None:
        if self._failed:
            raise EngineFailure("Expected an act that was done, but it failed half-way: nothing of it may be kept")

    def _begin(self) -> None:
        self._workflow.plant()
        self._advance()

    def _end(self, outcome: str) -> None:
        self._workflow.outcome_reached = outcome
        for tree in self._workflow.trees:
            tree.cancel()
            tree.completed = True

    def _complete(self, task: CaseTask, answers: dict[str, Any]) -> None:
        self._workflow.variables.update(_by_person(answers))
        task.run()
        self._advance()

    def _send_back(self, task: CaseTask, element_id: str) -> None:
        send_back(self._workflow, task, element_id)
        self._advance()

    def _finish(self, task: CaseTask, values: dict[str, Any]) -> None:
        self._workflow.variables.update(values)
        task.complete()
        self._advance()

    def _catch_guarded(self, task: CaseTask, definition: Any, values: dict[str, Any]) -> None:
        self._guarded(lambda: self._catch(task, definition, values))

    def _catch(self, task: CaseTask, definition: Any, values: dict[str, Any]) -> None:
        self._workflow.variables.update(values)
        task.task_spec.catch(task, BpmnEvent(definition, payload={}))
        task.task_spec._update(task)
        self._advance()

    def _advance(self) -> None:
        """Run until quiet, then fire the next due timer, until none is due."""
        self._workflow.run_ready()
        while (timer := self._next_due()) is not None:
            self._workflow.note(Happening("timer", self._workflow.timer_element(timer)))
            self._repeat(timer)
            timer.internal_data["event_fired"] = True
            timer.task_spec._update(timer)
            self._workflow.run_ready()
        if not self._workflow.is_completed() and not any(can_go_on(task) for task in self._workflow.all_tasks()):
            raise EngineFailure("Expected somebody or something to go on with the case, but nothing in it is open")

    def _repeat(self, timer: CaseTask) -> None:
        """What has fallen far behind catches up over several acts, so that none of them is too long."""
        again = repeat(timer)
        if again is None:
            return
        self._repeats += 1
        if self._repeats >= MOST_REPEATS_IN_ONE_ACT:
            self._for_another_act.add(again.id)

    def _next_due(self) -> CaseTask | None:
        """A timer fires strictly after its instant."""
        now = self._workflow.now
        due = [
            (datetime.fromisoformat(task.internal_data["event_value"]), not is_warning(task), task)
            for task in self._workflow.event_manager.tasks.values()
            if is_armed(task) and task.id not in self._for_another_act
        ]
        due = [entry for entry in due if entry[0] < now]
        if due and (self.halted or self.suspended):
            due = [entry for entry in due if is_warning(entry[2])]
        return min(due, key=lambda entry: entry[:2])[2] if due else None

    def _halts(self, task: CaseTask) -> bool:
        if task._state != TaskState.READY or not task.task_spec.manual:
            return False
        element = self._workflow.element_of(task)
        return element is not None and element.properties.get("halts") == "case"

    def _open_steps(self, state: int) -> tuple[OpenStep, ...]:
        found = [t for t in self._workflow.all_tasks() if t._state == state and is_open(t)]
        return tuple(open_step(self._workflow, task) for task in found)

    def _find(self, task_id: str) -> CaseTask | None:
        try:
            wanted = TaskId(bytes.fromhex(task_id))
        except ValueError:
            return None
        for tree in self._workflow.trees:
            if wanted in tree.tasks:
                found: CaseTask = tree.tasks[wanted]
                return found
        return None

    def _expected(self, task_id: str, state: int, word: str) -> CaseTask:
        task = self._find(task_id)
        if task is None or task._state != state:
            raise EngineFailure(f"Expected task {task_id} to be {word}, but it is not")
        return task

    def _timer(self, timer_id: str) -> CaseTask:
        task = self._find(timer_id)
        if task is None or not _is_waiting_timer(task):
            raise EngineFailure(f"Expected {timer_id} to be a timer that waits, but it is not")
        return task


def _awaited(task: CaseTask) -> str | None:
    """The step for which a person is waited for."""
    return str(task.task_spec.bpmn_id) if task._state == TaskState.READY else None


def _is_waiting_timer(task: CaseTask) -> bool:
    return task._state == TaskState.WAITING and is_timer(task)


def _by_person(answers: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answers.items() if name not in FACTS}


def _catches_halt(guard: Any) -> bool:
    return getattr(guard.task_spec.event_definition, "code", None) == HALT_CODE
