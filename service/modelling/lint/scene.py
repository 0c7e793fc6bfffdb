"""Everything that the rules look at, prepared once: the diagram, its ways, its expressions, what stands beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from service.expressions import Expression, ExpressionError, compile_expression
from service.modelling.diagram import Diagram, Element, Node, Process, TimerText
from service.modelling.lint.graph import Graph
from service.modelling.lint.vocabulary import Vocabulary

VARIABLE: Final = "variable:"
NO_FUNCTIONS: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Placed:
    """An expression and where it stands. `place` is condition, gate, variable, timer or loop."""

    place: str
    element: Element
    source: str
    line: int
    compiled: Expression | None = None
    refused: ExpressionError | None = None
    timer: TimerText | None = None
    variable: str = ""

    @property
    def names(self) -> frozenset[str]:
        return self.compiled.names if self.compiled is not None else frozenset()


@dataclass(frozen=True)
class Scene:
    """`called` by process id; `forms` by form key, as form-js schemas; None where the caller has no list."""

    diagram: Diagram
    called: Mapping[str, Diagram] = field(default_factory=dict)
    forms: Mapping[str, Mapping[str, Any]] | None = None
    materials: Collection[str] | None = None
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.diagram)

    @cached_property
    def expressions(self) -> tuple[Placed, ...]:
        return (*self._variables(), *self._conditions(), *self._of_nodes())

    def placed(self, *places: str) -> Iterator[Placed]:
        return (placed for placed in self.expressions if placed.place in places)

    def _variables(self) -> Iterator[Placed]:
        for process in self.diagram.processes:
            for name, source in process.properties.items():
                if name.startswith(VARIABLE):
                    variable = name.removeprefix(VARIABLE)
                    yield _placed("variable", process, source, process.line, variable=variable)

    def _conditions(self) -> Iterator[Placed]:
        for flow in self.diagram.flows:
            if flow.condition is not None:
                yield _placed("condition", flow, flow.condition, flow.line)

    def _of_nodes(self) -> Iterator[Placed]:
        for node in self.diagram.nodes:
            gate = node.properties.get("gate")
            if gate is not None:
                yield _placed("gate", node, gate, node.line)
            for text in _loop_texts(node):
                yield _placed("loop", node, text, node.line)
            for event in node.events:
                if event.condition is not None:
                    yield _placed("condition", node, event.condition, event.line)
                for timer in event.timers:
                    yield self._timer(node, timer)

    def _timer(self, node: Node, timer: TimerText) -> Placed:
        return _placed("timer", node, timer.text, timer.line, functions=self.vocabulary.functions, timer=timer)

    @cached_property
    def form_keys(self) -> Mapping[str, frozenset[str]]:
        """The keys that each form of the bundle asks for, by form key; what it only shows is nobody's answer."""
        return {key: frozenset(_keys(schema)) for key, schema in (self.forms or {}).items()}

    @cached_property
    def form_steps(self) -> Mapping[str, tuple[str, ...]]:
        """For every name that a form asks for: the user tasks, waits and call activities that may set it."""
        steps: dict[str, list[str]] = {}
        for node in self.diagram.nodes:
            for form_key in self.forms_of(node):
                for name in self.form_keys.get(form_key, ()):
                    steps.setdefault(name, []).append(node.id)
        return {name: tuple(found) for name, found in steps.items()}

    @cached_property
    def recorded_days(self) -> frozenset[str]:
        """Days that user tasks keep under a name of their own when they are completed."""
        days = (node.properties.get("recordsDay") for node in self.diagram.of_kind("userTask"))
        return frozenset(day for day in days if day)

    def forms_of(self, node: Node) -> Iterator[str]:
        """The form keys of a user task, or of all user tasks in the process that a call activity calls.

        What answers a wait is checked against the form of the wait's own id.
        """
        if node.kind == "receiveTask" and node.id in self.form_keys:
            yield node.id
        called = self.called.get(node.called or "") if node.kind == "callActivity" else None
        for task in (node,) if called is None else called.nodes:
            if "formKey" in task.properties:
                yield task.properties["formKey"]


def _placed(
    place: str,
    element: Process | Node | Element,
    source: str,
    line: int,
    *,
    functions: frozenset[str] = NO_FUNCTIONS,
    timer: TimerText | None = None,
    variable: str = "",
) -> Placed:
    try:
        compiled = compile_expression(source, functions=functions)
    except ExpressionError as refused:
        return Placed(place, element, source, line, refused=refused, timer=timer, variable=variable)
    return Placed(place, element, source, line, compiled=compiled, timer=timer, variable=variable)


def _loop_texts(node: Node) -> Iterator[str]:
    if node.loop is not None:
        for text in (node.loop.cardinality, node.loop.completion, node.loop.condition):
            if text is not None:
                yield text


def _keys(component: Mapping[str, Any]) -> Iterator[str]:
    """Keys of a form-js component and of all that stand in it."""
    waiting: list[object] = [component]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Mapping):
            for name in ("key", "path") if found.get("readonly") is not True else ():
                if isinstance(found.get(name), str) and found[name]:
                    yield found[name]
            inner = found.get("components")
            if isinstance(inner, Sequence) and not isinstance(inner, str):
                waiting.extend(inner)
