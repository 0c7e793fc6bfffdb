"""Our task specs and timers on top of SpiffWorkflow's, and the parser that builds them.

The timers read the case's own `now`, so that one act has one instant and a moved clock needs no trick.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import isodate
from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.specs.defaults import NoneTask, UserTask


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
    """Mixed into SpiffWorkflow's timers: arms once through the closed evaluator, fires strictly after its instant."""

    def has_fired(self, my_task: Any) -> bool:
        internal = my_task.internal_data
        if internal.get("event_fired"):
            return True
        workflow = my_task.workflow.top_workflow
        if "event_value" not in internal:
            if "remaining" in internal:
                return False
            arm(my_task, workflow)
        if datetime.fromisoformat(internal["event_value"]) < workflow.now and not workflow.holds(my_task):
            internal["event_fired"] = True
            workflow.fired(my_task)
            return True
        return False


class InstantTimer(CaseTimer, TimeDateEventDefinition):  # type: ignore[misc]
    """`timeDate`: a call such as working_days(5), or an instant with offset."""


class DurationTimer(CaseTimer, DurationTimerEventDefinition):  # type: ignore[misc]
    """`timeDuration`: a quoted ISO 8601 duration."""


def arm(my_task: Any, workflow: Any) -> None:
    """Evaluate a timer's expression once and keep the instant, with the limit it came from, in the task."""
    value = workflow.script_engine.evaluate(my_task, my_task.task_spec.event_definition.expression)
    internal = my_task.internal_data
    limit = getattr(value, "limit", None)
    if limit is not None:
        internal["event_value"] = value.due.astimezone(UTC).isoformat()
        internal["limit"] = [limit.value, limit.unit, _instant(value.since, value.due).isoformat()]
        return
    if not isinstance(value, str) or not value:
        raise ValueError(f"Expected a timer to give an instant or a duration, but it gave {value!r}")
    due = workflow.now + isodate.parse_duration(value) if value.startswith("P") else datetime.fromisoformat(value)
    if due.tzinfo is None:
        raise ValueError(f"Expected an instant with an offset, but found {value!r}")
    internal["event_value"] = due.astimezone(UTC).isoformat()


def _instant(since: date | datetime, due: datetime) -> datetime:
    """A day that a limit counts from, as the start of that day in the county's zone."""
    if isinstance(since, datetime):
        return since.astimezone(UTC)
    return datetime.combine(since, time(), tzinfo=due.tzinfo).astimezone(UTC)


def is_warning(my_task: Any) -> bool:
    """Whether a timer only warns: a non-interrupting boundary event takes no token away."""
    return isinstance(my_task.task_spec, BoundaryEvent) and not my_task.task_spec.cancel_activity


def is_timer(my_task: Any) -> bool:
    return isinstance(getattr(my_task.task_spec, "event_definition", None), TimerEventDefinition)


def use_case_timers(specs: list[Any]) -> None:
    """Turn SpiffWorkflow's timer definitions of freshly parsed specs into ours."""
    replace = {TimeDateEventDefinition: InstantTimer, DurationTimerEventDefinition: DurationTimer}
    for spec in specs:
        for task_spec in spec.task_specs.values():
            definition = getattr(task_spec, "event_definition", None)
            if type(definition) is CycleTimerEventDefinition:
                raise ValueError(f"Expected {task_spec.name} to be a date or a duration, but found a cycle")
            if type(definition) in replace:
                definition.__class__ = replace[type(definition)]


REFUSED = frozenset(full_tag(tag) for tag in ("scriptTask", "businessRuleTask", "sendTask", "adHocSubProcess"))


def _without_refused(classes: dict[str, Any]) -> dict[str, Any]:
    return {tag: pair for tag, pair in classes.items() if tag not in REFUSED}


class BundleParser(SpiffBpmnParser):  # type: ignore[misc]
    """SpiffWorkflow's parser with our service task; it knows no scripts, the second line behind the linter."""

    PARSER_CLASSES = _without_refused(SpiffBpmnParser.PARSER_CLASSES)
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012
        **_without_refused(SpiffBpmnParser.OVERRIDE_PARSER_CLASSES),
        full_tag("serviceTask"): (SpiffTaskParser, OperationTask),
        full_tag("userTask"): (SpiffTaskParser, UserTask),
    }
