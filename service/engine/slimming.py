"""Finished specs as light as they can be: an installation holds tens of thousands of them.

What most specs of a class have alike stands once, in the class; the rest lies in objects made anew, which Python keeps
without a dictionary of their own.
"""

from __future__ import annotations

from functools import cache
from sys import intern
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.util.event import Event


class _Unheard(Event):  # type: ignore[misc]
    """Stands for every event of a spec that nobody listens to: six of each, most of what a spec weighs."""

    def emit(self, *_given: Any, **_more: Any) -> None:
        """Nobody to tell."""

    __call__ = emit

    def connect(self, callback: Any, *_given: Any, **_more: Any) -> None:
        raise TypeError(f"Expected listeners while the specs are made, but {callback!r} came later")

    listen = connect


_UNHEARD: Final = _Unheard()
_NO_EVENT: Final = NoneEventDefinition()
_EVENTS = ("update_event", "ready_event", "completed_event", "error_event", "cancelled_event", "run_event")
# Of these nothing is asked once the specs are made: our elements have the properties, and the names in two languages.
_TOLD_ELSEWHERE = ("extensions", "description", "documentation", "bpmn_name", "lane")
# What a spec has unless it says otherwise. Nobody writes to these collections.
_USUAL: Final[dict[str, Any]] = {
    **dict.fromkeys(_EVENTS, _UNHEARD),
    **dict.fromkeys(_TOLD_ELSEWHERE),
    **{name: {} for name in ("data", "defines")},
    **{name: [] for name in ("pre_assign", "post_assign", "data_input_associations", "data_output_associations")},
    **dict.fromkeys(("io_specification", "prescript", "postscript", "variable", "threshold", "choice")),
    "event_definition": _NO_EVENT,
    "bpmn_id": None,
    "manual": False,
    "lookahead": 2,
}


@cache
def ours(theirs: Any) -> Any:
    """A class of the library's with what all our specs of it have."""
    told = {"chooses": issubclass(theirs, MultiChoice), "timer_element": None, "_predict": _foresee_nothing}
    if issubclass(theirs, CatchingEvent):
        told["_on_cancel"] = _catch_no_more
    if issubclass(theirs, SubWorkflowTask):
        told["copy_data"] = _hand_over_nothing
    return type(theirs.__name__, (theirs,), told)


def _foresee_nothing(self: Any, my_task: Any, *_given: Any, **_more: Any) -> None:
    """Nobody reads what may follow, and it would be two thirds of a tree: what follows comes when a task runs."""


def _catch_no_more(self: Any, my_task: Any) -> None:
    """What is left behind a cancelled event is over; the library would look through all of it for what still waits."""
    my_task.workflow.top_workflow.event_manager.remove_task(my_task)


def _hand_over_nothing(self: Any, my_task: Any, subworkflow: Any) -> None:
    """Tasks carry no data: scopes see the variables of their case."""


def slim(spec: Any) -> None:
    """Put light specs into the place of the ones that a process was parsed to. Afterwards nothing changes them."""
    light = {intern(name): _shell(task_spec) for name, task_spec in spec.task_specs.items()}
    for name, task_spec in spec.task_specs.items():
        if isinstance(task_spec, LoopTask):
            spec.task_specs[task_spec.task_spec].completed_event.connect(light[name].merge_child)
    for name, task_spec in spec.task_specs.items():
        _fill(light[name], task_spec)
    spec.start, spec.end = light[spec.start.name], light[spec.end.name]
    spec.task_specs = light


@cache
def _light(theirs: Any, held: frozenset[str]) -> Any:
    """The class of specs of one of the library's that hold these of the usual."""
    return type(theirs.__name__, (theirs,), {name: _USUAL[name] for name in held if not hasattr(theirs, name)})


def _shell(task_spec: Any) -> Any:
    theirs: Any = type(task_spec)
    made = _light(theirs, frozenset(_USUAL).intersection(vars(task_spec)))
    return made.__new__(made)


def _fill(shell: Any, task_spec: Any) -> None:
    in_class = vars(type(shell))
    for name, value in vars(task_spec).items():
        kept = _slimmed(name, value)
        if name not in in_class or kept is not in_class[name]:
            setattr(shell, name, kept)


def _slimmed(name: str, value: Any) -> Any:
    """What is usual is the usual object itself; lists of names, which nobody lengthens any more, are tuples."""
    if name in _TOLD_ELSEWHERE:
        return None
    if name in _EVENTS:
        return value if value.hard_subscribers else _UNHEARD
    if name in ("_inputs", "_outputs"):
        return tuple(map(intern, value))
    if type(value) is NoneEventDefinition:
        return _NO_EVENT
    if type(value) is str:
        return intern(value)
    return _USUAL[name] if name in _USUAL and value == _USUAL[name] else value
