"""Our task specs and timers on top of SpiffWorkflow's, and the parser that builds them.

The timers read the case's own `now`, so that one act has one instant and a moved clock needs no trick.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

import isodate
from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent, EventBasedGateway
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.specs.defaults import NoneTask, UserTask
from SpiffWorkflow.util.task import TaskState

from service.engine.joins import CaseEndJoin, CaseInclusiveGateway, CaseParallelGateway, find_upstream
from service.engine.slimming import ours, slim


class OperationTask(NoneTask):  # type: ignore[misc]
    """A service task: runs the operation that its `operation` property names, in the transaction of the act.

    An operation that answers False is STARTED: a call to the outside that comes back through the outbox.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manual = False  # The class of a plain task waits for a person.

    def _run_hook(self, my_task: Any) -> bool | None:
        super()._run_hook(my_task)
        done = my_task.workflow.top_workflow.operate(my_task)
        return True if done else None


class CaseTimer:
    """Mixed into SpiffWorkflow's timers: arms once, through the closed evaluator; it fires when `CaseRun` says so."""

    expression: str

    def has_fired(self, my_task: Any) -> bool:
        internal = my_task.internal_data
        fired = bool(internal.get("event_fired"))
        if not fired and "event_value" not in internal and "remaining" not in internal:
            arm(my_task, self.expression)
        return fired


class InstantTimer(CaseTimer, TimeDateEventDefinition):  # type: ignore[misc]
    """`timeDate`: a call such as working_days(5), or an instant with offset."""


class DurationTimer(CaseTimer, DurationTimerEventDefinition):  # type: ignore[misc]
    """`timeDuration`: a quoted ISO 8601 duration."""


class RepeatingTimer(CaseTimer, DurationTimerEventDefinition):  # type: ignore[misc]
    """`timeCycle`: 'R3/PT1H' or, without end, 'R/PT1H', on an event that interrupts nothing.

    A call such as office_hours(3) comes again, counted anew by the county's calendar, while the step is open, up to
    MOST_BY_CALENDAR times.

    To the library it is a duration: its own cycles keep their instants where no due row sees them.
    """


_CYCLE = re.compile(r"R(\d*)/(P.+)")
# Diagrams have few durations, and every act arms some.
_duration = lru_cache(maxsize=1024)(isodate.parse_duration)
# What is left, after its first time, of a cycle that counts by the calendar: nobody is reminded for ever.
MOST_BY_CALENDAR = 8
_BY_CALENDAR: tuple[Any, ...] = (MOST_BY_CALENDAR - 1, "")


def repeat(my_task: Any) -> Any | None:
    """A repeating timer that has fired goes on beside itself: the task that waits for the next time, or None.

    The next time counts from the last due one, however late the last one fired; by the calendar it counts from now, so
    that whoever comes back to a step after a long time is reminded once.
    """
    left, interval = my_task.internal_data.get("repeats", (0, ""))
    if left == 0:
        return None
    _forget_earlier(my_task)
    again = my_task.parent._add_child(my_task.task_spec, TaskState.WAITING)
    if interval:
        due = datetime.fromisoformat(my_task.internal_data["event_value"]) + _duration(interval)
        again.internal_data["event_value"] = due.astimezone(UTC).isoformat()
        again.internal_data["repeats"] = [None if left is None else left - 1, interval]
    else:
        arm(again, again.task_spec.event_definition.expression)
        again.internal_data["repeats"] = [left - 1, interval]
    again.workflow.top_workflow.event_manager.add_task(again)
    return again


def arm(my_task: Any, expression: str) -> None:
    """Evaluate a timer's expression once and keep the instant, with the limit it came from, in the task."""
    workflow = my_task.workflow.top_workflow
    value = workflow.script_engine.evaluate(my_task, expression)
    internal = my_task.internal_data
    limit = getattr(value, "limit", None)
    if isinstance(my_task.task_spec.event_definition, RepeatingTimer):
        value, internal["repeats"] = (value, list(_BY_CALENDAR)) if limit is not None else _first_of(value)
    if limit is not None:
        internal["event_value"] = value.due.astimezone(UTC).isoformat()
        internal["limit"] = [limit.value, limit.unit, _instant(value).isoformat()]
        return
    internal["event_value"] = _due(value, workflow.now).astimezone(UTC).isoformat()


def _forget_earlier(my_task: Any) -> None:
    """Each time that has come waits behind the step for its end; the newest waits for all, so that the tree is flat."""
    for earlier in my_task.parent.children:
        if earlier.task_spec is not my_task.task_spec or earlier is my_task:
            continue
        for waiting in earlier.children:
            if isinstance(waiting.task_spec, BoundaryEventJoin) and waiting._state == TaskState.WAITING:
                waiting.workflow._remove_task(waiting.id)


def _first_of(value: object) -> tuple[str, list[Any]]:
    """The interval of a cycle, and what is left of it after its first time: [times or None for no end, interval]."""
    found = _CYCLE.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[1].strip("0") == "" != found[1]:
        raise ValueError(f"Expected a cycle such as R3/PT1H, but the timer gave {value!r}")
    if not _duration(found[2]):
        raise ValueError(f"Expected a cycle with an interval, but the timer gave {value!r}")
    return found[2], [int(found[1]) - 1 if found[1] else None, found[2]]


def _due(value: object, now: datetime) -> datetime:
    """The instant that an expression gave: an ISO 8601 duration from now, or an instant with offset."""
    # The library of durations takes a lone designator ("PT") for no time at all.
    if not isinstance(value, str) or not value or value[-1] in "PT":
        raise ValueError(f"Expected a timer to give an instant or a duration, but it gave {value!r}")
    due: datetime = now + _duration(value) if value.startswith("P") else datetime.fromisoformat(value)
    if due.tzinfo is None:
        raise ValueError(f"Expected an instant with an offset, but found {value!r}")
    return due


def _instant(value: Any) -> datetime:
    """What a limit counts from; a day is its first instant in the county, whose offset the value's text has."""
    since: date | datetime = value.since
    if not isinstance(since, datetime):
        since = datetime.combine(since, time(), tzinfo=datetime.fromisoformat(str(value)).tzinfo)
    return since.astimezone(UTC)


def is_warning(my_task: Any) -> bool:
    """Whether a timer only warns: a non-interrupting boundary event takes no token away."""
    return isinstance(my_task.task_spec, BoundaryEvent) and not my_task.task_spec.cancel_activity


def is_timer(my_task: Any) -> bool:
    """Whether a task waits for an instant: a timer event, or a gateway with a timer among its events."""
    return my_task.task_spec.timer_element is not None


def is_loop(my_task: Any) -> bool:
    """Whether a task only stands for its instances, each of which is a task of its own."""
    return isinstance(my_task.task_spec, LoopTask)


def awaits_message(task_spec: Any, message: str) -> Any:
    """The definition by which a task waits for a message of this name; None if it does not."""
    definition = getattr(task_spec, "event_definition", None)
    for one in getattr(definition, "event_definitions", (definition,)):
        if isinstance(one, MessageEventDefinition) and one.name == message:
            return one
    return None


def make_ours(specs: list[Any]) -> None:
    """Turn freshly parsed specs into ours: timers on the case's clock, ends that count tokens, instances that merge.

    Afterwards nothing changes a spec any more, so that threads may share it.
    """
    for spec in specs:
        spec.end.__class__ = CaseEndJoin
        for task_spec in spec.task_specs.values():
            task_spec.__class__ = ours(task_spec.__class__)
            _use_case_timer(task_spec)
            if isinstance(task_spec, CaseInclusiveGateway):
                task_spec.upstream = find_upstream(task_spec)
        slim(spec)


def _use_case_timer(task_spec: Any) -> None:
    """Note the id of the event that draws the timer of a spec, if it has one, and put the timer on the case's clock."""
    definition: Any = getattr(task_spec, "event_definition", None)
    if isinstance(task_spec, EventBasedGateway):
        pairs = list(zip(definition.event_definitions, task_spec.outputs, strict=True))
    else:
        pairs = [(definition, task_spec)]
    for one, drawn in pairs:
        if isinstance(one, TimerEventDefinition):
            one.__class__ = _OURS[type(one)]
            task_spec.timer_element = str(drawn.bpmn_id)
            return


_OURS = {
    TimeDateEventDefinition: InstantTimer,
    DurationTimerEventDefinition: DurationTimer,
    CycleTimerEventDefinition: RepeatingTimer,
}
_REFUSED = frozenset(full_tag(tag) for tag in ("scriptTask", "businessRuleTask", "sendTask", "adHocSubProcess"))


def _without_refused(classes: dict[str, Any]) -> dict[str, Any]:
    return {tag: pair for tag, pair in classes.items() if tag not in _REFUSED}


class BundleParser(SpiffBpmnParser):  # type: ignore[misc]
    """SpiffWorkflow's parser with our service task; it knows no scripts, the second line behind the linter."""

    PARSER_CLASSES = _without_refused(SpiffBpmnParser.PARSER_CLASSES)
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012
        **_without_refused(SpiffBpmnParser.OVERRIDE_PARSER_CLASSES),
        full_tag("serviceTask"): (SpiffTaskParser, OperationTask),
        full_tag("userTask"): (SpiffTaskParser, UserTask),
        full_tag("parallelGateway"): (GatewayParser, CaseParallelGateway),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, CaseInclusiveGateway),
    }
