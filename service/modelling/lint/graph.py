"""The ways through a diagram: who follows whom inside a scope and across sub-processes, reach and shortest paths.

`scope_next` stays within a scope; `next` goes into a sub-process by its start and out of it by its end events.
`main_next` leaves out non-interrupting boundary events, whose branches only warn beside the work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property

from service.modelling.diagram import SUB_PROCESSES, Diagram, Flow, Node

Edges = Mapping[str, tuple[str, ...]]


class Graph:
    """Edges by node id, in the order of the file. Flows whose ends do not exist have no edge."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.nodes = diagram.by_id
        self.outgoing: dict[str, list[Flow]] = {node_id: [] for node_id in self.nodes}
        self.incoming: dict[str, list[Flow]] = {node_id: [] for node_id in self.nodes}
        self.boundaries: dict[str, list[Node]] = {node_id: [] for node_id in self.nodes}
        self.inside: dict[str, list[Node]] = {scope.id: [] for scope in diagram.scopes}
        for flow in diagram.flows:
            if flow.source in self.outgoing:
                self.outgoing[flow.source].append(flow)
            if flow.target in self.incoming:
                self.incoming[flow.target].append(flow)
        for node in diagram.nodes:
            self.inside.setdefault(node.scope, []).append(node)
            if node.kind == "boundaryEvent" and node.attached_to in self.boundaries:
                self.boundaries[node.attached_to].append(node)

    def targets(self, node_id: str) -> tuple[str, ...]:
        """Where the flows of a node lead, each once."""
        known = (flow.target for flow in self.outgoing.get(node_id, ()) if flow.target in self.nodes)
        return tuple(dict.fromkeys(target for target in known if target is not None))

    def starts(self, scope_id: str) -> tuple[str, ...]:
        return tuple(node.id for node in self.inside.get(scope_id, ()) if node.kind == "startEvent")

    @cached_property
    def scope_next(self) -> Edges:
        return {node: (*self.targets(node), *(event.id for event in self.boundaries[node])) for node in self.nodes}

    @cached_property
    def next(self) -> Edges:
        return self._across(lambda event: True)

    @cached_property
    def main_next(self) -> Edges:
        return self._across(lambda event: event.interrupting)

    def _across(self, taken: Callable[[Node], bool]) -> Edges:
        edges = {
            node: [*self._ahead(node), *(event.id for event in self.boundaries[node] if taken(event))]
            for node in self.nodes
        }
        for scope in self.diagram.of_kind(*SUB_PROCESSES):
            self._leave(scope, edges, taken)
        return {node: tuple(dict.fromkeys(ahead)) for node, ahead in edges.items()}

    def _ahead(self, node_id: str) -> tuple[str, ...]:
        starts = self.starts(node_id) if self.nodes[node_id].kind in SUB_PROCESSES else ()
        return starts if starts and self.main_ends(node_id) else self.targets(node_id)

    def _leave(self, scope: Node, edges: dict[str, list[str]], taken: Callable[[Node], bool]) -> None:
        for end in self.main_ends(scope.id):
            edges[end].extend(self.targets(scope.id))
        events = [event.id for event in self.boundaries[scope.id] if taken(event)]
        for node in self.inside.get(scope.id, ()) if events else ():
            edges[node.id].extend(events)

    @cached_property
    def _main_ends(self) -> dict[str, tuple[str, ...]]:
        return {}

    def main_ends(self, scope_id: str) -> tuple[str, ...]:
        """End events that the work itself reaches; those behind non-interrupting events only close a warning."""
        if scope_id not in self._main_ends:
            reached = reach(self.starts(scope_id), self.scope_main)
            self._main_ends[scope_id] = tuple(node for node in reached if self.nodes[node].kind == "endEvent")
        return self._main_ends[scope_id]

    @cached_property
    def scope_main(self) -> Edges:
        return {
            node: (*self.targets(node), *(event.id for event in self.boundaries[node] if event.interrupting))
            for node in self.nodes
        }

    def process_of(self, node_id: str) -> str:
        """The process around a node, through all sub-processes."""
        scope = self.nodes[node_id].scope
        while scope in self.nodes:
            scope = self.nodes[scope].scope
        return scope

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """Where a case enters: the start events of the processes."""
        return tuple(start for process in self.diagram.processes for start in self.starts(process.id))

    @cached_property
    def _from_entries(self) -> Mapping[str, str | None]:
        return reach(self.entries, self.next)

    def path_to(self, node_id: str) -> tuple[str, ...]:
        """The shortest way of a case from a start event; empty if there is none."""
        return trail(self._from_entries, node_id)

    def reached(self, node_id: str) -> bool:
        return node_id in self._from_entries


def reach(sources: Iterable[str], edges: Edges, blocked: Collection[str] = ()) -> dict[str, str | None]:
    """Every node that can be reached, with the node it was first reached from (breadth first); none goes on past
    a blocked node, which is itself reached."""
    parents: dict[str, str | None] = dict.fromkeys(sources)
    waiting = deque(parents)
    while waiting:
        node = waiting.popleft()
        if node in blocked:
            continue
        for ahead in edges.get(node, ()):
            if ahead not in parents:
                parents[ahead] = node
                waiting.append(ahead)
    return parents


def trail(parents: Mapping[str, str | None], node_id: str) -> tuple[str, ...]:
    """The way to a node out of what `reach` found."""
    steps: list[str] = []
    found: str | None = node_id if node_id in parents else None
    while found is not None:
        steps.append(found)
        found = parents[found]
    return tuple(reversed(steps))


def backwards(edges: Edges) -> dict[str, tuple[str, ...]]:
    turned: dict[str, list[str]] = {node: [] for node in edges}
    for node, ahead in edges.items():
        for target in ahead:
            turned[target].append(node)
    return {node: tuple(behind) for node, behind in turned.items()}


def cycle_through(node_id: str, edges: Edges) -> tuple[str, ...]:
    """A shortest way from a node back to itself, with the node at both ends; empty if there is none."""
    for ahead in edges.get(node_id, ()):
        if ahead == node_id:
            return (node_id, node_id)
    parents = reach(edges.get(node_id, ()), edges, blocked={node_id})
    way = trail(parents, node_id)
    return (node_id, *way) if way else ()


def a_cycle(edges: Edges) -> tuple[str, ...]:
    """Some circle, with its first node at both ends; empty if there is none. Linear in the edges."""
    behind, left = backwards(edges), {node: len(ahead) for node, ahead in edges.items()}
    done = deque(node for node, count in left.items() if not count)
    while done:
        node = done.popleft()
        del left[node]
        for before in behind[node]:
            left[before] -= 1
            if not left[before]:
                done.append(before)
    way: dict[str, None] = {}
    step = next(iter(left), None)
    while step is not None and step not in way:
        way[step] = None
        step = next(ahead for ahead in edges[step] if ahead in left)
    return (*list(way)[list(way).index(step) :], step) if step is not None else ()
