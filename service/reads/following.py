"""Which materials the steps ask for that completing a step may lead to: the checklist beside its form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from service.modelling.diagram import SUB_PROCESSES, Diagram, Node
from service.modelling.xml_reading import read_diagram

# A token stops at these until somebody or something moves it; gateways, service tasks and ends of scopes it passes.
_STOPS = frozenset({"userTask", "receiveTask", "manualTask", "intermediateCatchEvent", "callActivity"})


# Whether a flow's condition is known not to hold.
Never = Callable[[str], bool]


class _Ways:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.flows: dict[str, list[tuple[str | None, str]]] = {}
        for flow in diagram.flows:
            if flow.source and flow.target:
                self.flows.setdefault(flow.source, []).append((flow.condition, flow.target))

    def reached(self, node_id: str, never: Never | None = None) -> list[Node]:
        """Every node that a token can enter before it stops, in the order of the diagram's flows."""
        found: dict[str, Node] = {}
        pending = self._after(node_id, never)
        while pending:
            one = pending.pop(0)
            node = self.diagram.node(one)
            if node is None or one in found:
                continue
            found[one] = node
            if node.kind not in _STOPS:
                pending += self._after(one, never)
        return list(found.values())

    def ahead(self, node_ids: Iterable[str], never: Never) -> list[Node]:
        """Every node that a token may come to from these, by whatever way, boundary events' too."""
        found: dict[str, Node] = {}
        pending = [to for one in node_ids for to in self._onward(one, never)]
        while pending:
            one = pending.pop(0)
            node = self.diagram.node(one)
            if node is not None and one not in found:
                found[one] = node
                pending += self._onward(one, never)
        return list(found.values())

    def _onward(self, node_id: str, never: Never) -> list[str]:
        return self._after(node_id, never) + [n.id for n in self.diagram.nodes if n.attached_to == node_id]

    def _after(self, node_id: str, never: Never | None) -> list[str]:
        node = self.diagram.node(node_id)
        if node is None:
            return []
        if node.kind in SUB_PROCESSES:
            return [n.id for n in self.diagram.nodes if n.scope == node_id and n.kind == "startEvent"]
        if node.kind == "endEvent" and self.diagram.node(node.scope) is not None:
            return self._targets(node.scope, never)
        return self._targets(node_id, never)

    def _targets(self, node_id: str, never: Never | None) -> list[str]:
        flows = self.flows.get(node_id, [])
        return [to for condition, to in flows if never is None or condition is None or not never(condition)]


@lru_cache(maxsize=400)
def _ways(xml: bytes) -> _Ways:
    return _Ways(read_diagram(xml))


@lru_cache(maxsize=400)
def steps_after(xml: bytes) -> Mapping[str, tuple[Node, ...]]:
    """{user task or start event: the nodes a token may enter when it leaves}, of one diagram as deployed."""
    ways = _ways(xml)
    return {n.id: tuple(ways.reached(n.id)) for n in ways.diagram.nodes if n.kind in ("userTask", "startEvent")}


def materials_after(
    xml: bytes, element_id: str, never: Never, always_asked: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Keys of the materials that may be asked for when this step is completed, each once.

    Flows whose condition `never` answers for are not followed: a way that this case cannot take asks for nothing.
    """
    found: dict[str, None] = {}
    for node in _ways(xml).reached(element_id, never):
        for key in (*node.properties.get("requiredMaterials", "").split("|"), *always_asked.get(node.id, ())):
            if key:
                found[key] = None
    return tuple(found)


def nodes_ahead(xml: bytes, element_ids: Iterable[str], never: Never) -> list[Node]:
    """The nodes of a diagram as deployed that a token may still come to from these elements.

    Flows whose condition `never` answers for are not followed.
    """
    return _ways(xml).ahead(element_ids, never)


@lru_cache(maxsize=400)
def first_user_task(xml: bytes) -> Node | None:
    """The step that begins the process."""
    diagram = read_diagram(xml)
    top = {process.id for process in diagram.processes}
    starts = [n.id for n in diagram.nodes if n.kind == "startEvent" and n.scope in top]
    reached = steps_after(xml).get(starts[0], ()) if starts else ()
    return next((n for n in reached if n.kind == "userTask"), None)
