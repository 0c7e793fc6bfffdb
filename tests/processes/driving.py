"""A small driver: one case on SpiffWorkflow itself, with one dictionary of variables and a clock set by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import time_machine
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.exclusive_gateway import ExclusiveGateway
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.specs.defaults import NoneTask
from SpiffWorkflow.util.task import TaskState

from service.expressions import compile_expression

PROCESSES = Path(__file__).parents[2] / "processes"
CST = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=CST)
TIMER_FUNCTIONS = frozenset({"working_days", "natural_days", "office_hours", "hours", "minutes"})
WAITING = TaskState.WAITING
Operations = Mapping[str, Callable[[dict[str, Any]], None]]


def limit_instant(unit: str, value: int, since: datetime) -> datetime:
    """Weekends only: the product asks its calendar."""
    if unit in ("hours", "office_hours"):
        return since + timedelta(hours=value)
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "natural_days":
        return day + timedelta(days=value + 1)
    while value:
        day += timedelta(days=1)
        value -= day.weekday() < 5
    return day + timedelta(days=1)


class Operation(NoneTask):
    """A service task that only names its operation; the product's own parser maps it likewise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manual = False

    def _run_hook(self, my_task: Any) -> bool:
        engine = my_task.workflow.top_workflow.script_engine
        engine.operate(self.extensions["properties"]["operation"])
        return True


class Parser(SpiffBpmnParser):
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("serviceTask"): (SpiffTaskParser, Operation),
    }


class Engine(PythonScriptEngine):
    """Evaluates by the closed grammar over the case's variables; unknown names are None."""

    def __init__(self, variables: dict[str, Any], derived: Mapping[str, str], operations: Operations) -> None:
        super().__init__()
        self.variables = variables
        self.derived = derived
        self.operations = operations
        self.operated: list[str] = []

    def operate(self, operation: str) -> None:
        self.operated.append(operation)
        self.operations.get(operation, lambda variables: None)(self.variables)

    def lookup(self, name: str) -> object:
        if name in self.derived:
            return compile_expression(self.derived[name]).evaluate(self.lookup)
        return self.variables.get(name)

    def holds(self, condition: str) -> bool:
        return compile_expression(condition).holds(self.lookup)

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        if "remind_hours" in expression:  # The library's own cycles know no calendar.
            return f"R99/{(datetime.now(CST) + timedelta(hours=3)).isoformat()}/PT3H"
        return compile_expression(expression, functions=TIMER_FUNCTIONS).evaluate(self.lookup, self.call)

    def call(self, unit: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        if "before" in kwargs:
            return (kwargs["before"] - timedelta(days=args[0])).isoformat()
        since = kwargs["since"] if "since" in kwargs else datetime.now(CST)
        assert isinstance(since, datetime), f"{unit}{args} counts from a date that is not set"
        return limit_instant(unit, args[0], since).isoformat()


def order_branches(key: str, specs: list[Any]) -> None:
    """SpiffWorkflow tries a gateway's branches by where their targets are drawn; BPMN (13.4.2) by their order."""
    tree = etree.parse(str(next(PROCESSES.rglob(f"{key}.bpmn"))))
    flows = tree.xpath("//*[local-name()='sequenceFlow']")
    order = {(f.get("sourceRef"), f.get("targetRef")): index for index, f in enumerate(flows)}
    for gateway in (task_spec for spec in specs for task_spec in spec.task_specs.values()):
        if isinstance(gateway, ExclusiveGateway):
            targets = {name: name.removesuffix(".BoundaryEventSplit") for _, name in gateway.cond_task_specs}
            ranks = {name: order[(gateway.bpmn_id, target)] for name, target in targets.items()}
            gateway.cond_task_specs.sort(key=lambda pair, ranks=ranks: ranks[pair[1]])


class Case:
    """One running case. Enter it as a context manager: it stops the clock at MONDAY, 09:00."""

    def __init__(self, key: str, operations: Operations = {}) -> None:  # noqa: B006 - never changed
        self.key = key
        parser = Parser()
        safe = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        for path in (next(PROCESSES.rglob(f"{key}.bpmn")), *sorted((PROCESSES / "shared").glob("*.bpmn"))):
            parser.add_bpmn_xml(etree.parse(str(path), safe), filename=path.name)
        self.spec, self.subspecs = parser.get_spec(key), parser.get_subprocess_specs(key)
        order_branches(key, [self.spec, *self.subspecs.values()])
        self.variables: dict[str, Any] = {}
        self.engine = Engine(self.variables, self._derived(), operations)
        self.clock = time_machine.travel(MONDAY, tick=False)

    def _derived(self) -> dict[str, str]:
        tree = etree.parse(str(next(PROCESSES.rglob(f"{self.key}.bpmn"))))
        properties = tree.xpath("//*[local-name()='process']/*[local-name()='extensionElements']//@name/..")
        names = {p.get("name"): p.get("value") for p in properties}
        return {n.removeprefix("variable:"): v for n, v in names.items() if n.startswith("variable:")}

    def __enter__(self) -> Case:
        self.traveller = self.clock.start()
        self.workflow = BpmnWorkflow(self.spec, self.subspecs, script_engine=self.engine)
        self.advance()
        return self

    def __exit__(self, *exc: object) -> None:
        self.clock.stop()

    def advance(self) -> None:
        """Run until quiet: one refresh may release work that the engine has not run yet."""
        while True:
            self.workflow.do_engine_steps()
            self.workflow.refresh_timers()
            if not self.workflow.get_tasks(state=TaskState.READY, manual=False):
                return

    def pass_time(self, **delta: float) -> None:
        self.traveller.shift(timedelta(**delta))
        self.advance()

    def open(self) -> list[str]:
        """Ids of the elements on which somebody or something waits, boundary events left out."""
        return sorted(task.task_spec.bpmn_id for task in self._open_tasks())

    def _open_tasks(self) -> list[Any]:
        ready = self.workflow.get_tasks(state=TaskState.READY, manual=True)
        waiting = self.workflow.get_tasks(state=WAITING)
        events = [t for t in waiting if getattr(t.task_spec, "event_definition", None) is not None]
        return ready + [t for t in events if not isinstance(t.task_spec, BoundaryEvent)]

    def task(self, bpmn_id: str) -> Any:
        found = [task for task in self._open_tasks() if task.task_spec.bpmn_id == bpmn_id]
        assert len(found) == 1, f"Expected {bpmn_id} to be open once, but open are {self.open()}"
        return found[0]

    def complete(self, bpmn_id: str, **answers: Any) -> None:
        task = self.task(bpmn_id)
        self.variables.update(answers)
        task.run()
        self.advance()

    def complete_too_early(self, bpmn_id: str, **answers: Any) -> None:
        """The act is recorded, the error boundary event takes the token."""
        self.variables.update(answers)
        self._trigger(self.task(bpmn_id), f"{bpmn_id}_too_early")

    def _trigger(self, task: Any, boundary_id: str) -> None:
        boundary = next(s for s in task.parent.children if s.task_spec.bpmn_id == boundary_id and s.state == WAITING)
        boundary.task_spec.catch(boundary, BpmnEvent(boundary.task_spec.event_definition, payload={}))
        boundary.task_spec._update(boundary)
        self.advance()

    def receive(self, bpmn_id: str) -> None:
        """A message for a receive task or a boundary event."""
        task = next(t for t in self.workflow.get_tasks(state=WAITING) if t.task_spec.bpmn_id == bpmn_id)
        task.task_spec.catch(task, BpmnEvent(task.task_spec.event_definition, payload={}))
        task.task_spec._update(task)
        self.advance()

    def armed(self) -> dict[str, datetime]:
        """The instants of all armed timers, by element."""
        waiting = self.workflow.get_tasks(state=WAITING)
        values = {t.task_spec.bpmn_id: t.internal_data.get("event_value") for t in waiting}
        return {name: datetime.fromisoformat(value) for name, value in values.items() if isinstance(value, str)}

    def ended(self) -> list[str]:
        """End events reached, in the order of the task tree."""
        done = self.workflow.get_tasks(state=TaskState.COMPLETED)
        return [t.task_spec.bpmn_id for t in done if type(t.task_spec).__name__ == "EndEvent" and t.task_spec.bpmn_id]

    def is_closed(self) -> bool:
        return bool(self.workflow.is_completed())
