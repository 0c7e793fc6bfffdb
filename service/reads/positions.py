"""Where a case stands on its diagram: what waits, what is done, and the way that lies ahead if all goes well."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from service.definitions.bundle import Bundle
from service.engine import CaseRun, Element, OpenStep
from service.modelling.diagram import SUB_PROCESSES, Diagram, Node
from service.modelling.xml_reading import read_diagram
from service.reads.case_values import CaseValues

# Steps that wait for the world outside: a message, an instant, a call that has not come back.
_WAITS = frozenset({"receiveTask", "intermediateCatchEvent", "serviceTask"})
# What a reader knows as a step; gateways and events are the diagram's own affair.
_STEPS = frozenset({"userTask", "receiveTask", "callActivity", "intermediateCatchEvent", "manualTask"})
# Ends that an applicant hopes for (items.yaml, `ends`), and how the ids of a sub-process' good ends end.
_GOOD_ENDS = frozenset({"granted", "registered", "completed", "closed", "answered"})
_GOOD_ENDINGS = tuple(f"_{end}" for end in sorted(_GOOD_ENDS)) + tuple(sorted(_GOOD_ENDS))


class _Onlooker:
    """What a loaded run may ask although nothing runs."""

    def __init__(self, values: CaseValues) -> None:
        self._values = values

    def fact(self, name: str) -> object:
        return self._values(name)

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
        raise RuntimeError(f"Expected nothing to be computed while looking at a case, but {name} was")

    def operate(self, operation: str, element: Element, variables: dict[str, Any]) -> bool:
        raise RuntimeError(f"Expected nothing to run while looking at a case, but {operation} did")


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step that lies ahead. `limit` is its drawn limit in words of the diagram, if it has one."""

    element_id: str
    name_zh: str
    name_en: str
    post: str
    limit_zh: str | None
    limit_en: str | None


def waiting_steps(bundle: Bundle, values: CaseValues, state: bytes, now: datetime) -> tuple[OpenStep, ...]:
    """The open steps of a case that no task of a person stands for."""
    if not state:
        return ()
    run = CaseRun.load(bundle.model, _Onlooker(values), now, state)
    return tuple(step for step in run.waiting_steps() if step.element.kind in _WAITS)


def call_activity_of(bundle: Bundle) -> Mapping[str, str]:
    """{step of a called process: the call activity of the case's own diagram that it stands in}."""
    elements = bundle.model.elements
    callers = {e.called: e.id for (process, _), e in elements.items() if e.called and process == bundle.key}
    scopes = {e.id for (process, _), e in elements.items() if process == bundle.key and e.kind in SUB_PROCESSES}
    for (process, _), element in elements.items():
        if element.called and process in scopes:
            callers[element.called] = element.id
    return {e.id: callers[process] for (process, _), e in elements.items() if process in callers}


@lru_cache(maxsize=64)
def own_steps(xml: bytes) -> tuple[Node, ...]:
    """Every step of the diagram itself, in the order of the file."""
    return tuple(node for node in read_diagram(xml).nodes if node.kind in _STEPS or node.kind == "serviceTask")


@lru_cache(maxsize=1024)
def steps_ahead(xml: bytes, element_id: str) -> tuple[Ahead, ...]:
    """The steps from here to a good end by the shortest way; none where no good end can be reached."""
    diagram = read_diagram(xml)
    path = _way(diagram, element_id)
    return tuple(_ahead(diagram, node) for node in path if node.kind in _STEPS and node.id != element_id)


def first_steps(xml: bytes) -> tuple[Ahead, ...]:
    """The whole way from the start to a good end."""
    diagram = read_diagram(xml)
    top = {process.id for process in diagram.processes}
    start = next((n.id for n in diagram.nodes if n.kind == "startEvent" and n.scope in top), None)
    return steps_ahead(xml, start) if start else ()


def _way(diagram: Diagram, start: str) -> list[Node]:
    """Breadth first, so the fewest steps; by the order of the flows where two ways are equally long."""
    before: dict[str, str | None] = {start: None}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        node = diagram.node(here)
        if node is not None and node.properties.get("outcome") in _GOOD_ENDS:
            return _back(diagram, before, here)
        for target in _next(diagram, node):
            if target not in before:
                before[target] = here
                queue.append(target)
    return []


def _back(diagram: Diagram, before: Mapping[str, str | None], end: str) -> list[Node]:
    path: list[Node] = []
    here: str | None = end
    while here is not None:
        node = diagram.node(here)
        if node is not None:
            path.append(node)
        here = before[here]
    return path[::-1]


def _next(diagram: Diagram, node: Node | None) -> Iterator[str]:
    if node is None:
        return
    if node.kind in SUB_PROCESSES:
        yield from (n.id for n in diagram.nodes if n.scope == node.id and n.kind == "startEvent")
        return
    leaves = node.kind == "endEvent" and diagram.node(node.scope) is not None
    if leaves and not _is_good_end(diagram, node):
        return
    source = node.scope if leaves else node.id
    yield from (flow.target for flow in diagram.flows if flow.source == source and flow.target)


def _is_good_end(diagram: Diagram, end: Node) -> bool:
    """Whether a sub-process that ends here has gone well; where its ends do not say, each of them will do."""
    ends = [n.id for n in diagram.nodes if n.scope == end.scope and n.kind == "endEvent"]
    good = [one for one in ends if one.endswith(_GOOD_ENDINGS)]
    return end.id in good or not good


def _ahead(diagram: Diagram, node: Node) -> Ahead:
    limit = next((n for n in diagram.nodes if n.attached_to == node.id and n.role == "step_limit"), None)
    name = node.name or node.id
    limit_zh = limit.name if limit else None
    return Ahead(
        node.id,
        name,
        node.properties.get("nameEn") or name,
        node.post or "",
        limit_zh,
        limit.properties.get("nameEn") or limit_zh if limit else None,
    )


def ahead_of(xml: bytes, current: Iterable[str]) -> tuple[Ahead, ...]:
    """What lies ahead of the furthest of these elements, counted by how little is left."""
    ways = [steps_ahead(xml, element_id) for element_id in current]
    return min((way for way in ways if way), key=len, default=())
