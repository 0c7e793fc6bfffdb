"""A diagram as nodes and flows, before anything is measured: the semantic half of the XML."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    """The BPMN tag of a flow node."""

    START = "startEvent"
    END = "endEvent"
    CATCH = "intermediateCatchEvent"
    BOUNDARY = "boundaryEvent"
    USER = "userTask"
    SERVICE = "serviceTask"
    RECEIVE = "receiveTask"
    CALL = "callActivity"
    SUBPROCESS = "subProcess"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"


ACTIVITIES = frozenset({Kind.USER, Kind.SERVICE, Kind.RECEIVE, Kind.CALL, Kind.SUBPROCESS})
GATEWAYS = frozenset({Kind.EXCLUSIVE, Kind.PARALLEL})


@dataclass(frozen=True, slots=True)
class Timer:
    """`expression` is a call of the closed evaluator, or an ISO 8601 duration in quotes with `is_duration`.

    One that `repeats` counts the call anew each time that it has come.
    """

    expression: str
    is_duration: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class TooEarly:
    """The error that a completion before the minimum duration raises."""


@dataclass(frozen=True, slots=True)
class Message:
    name: str


@dataclass(frozen=True, slots=True)
class Terminate:
    """Ends everything that is still open in its scope."""


Trigger = Timer | TooEarly | Message | Terminate


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a node stands in its scope: columns run right, lanes run down, lane 0 is the usual path."""

    column: float
    lane: float


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `properties` keep their order.

    `phase` is the row of the page that an outermost node stands in; `slot` says where a boundary event sits
    (`top-left`, `bottom-right`, `right`, ...), or on which side of its source a small end event hangs.
    """

    id: str
    kind: Kind
    name: str = ""
    name_en: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    scope: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    trigger: Trigger | None = None
    called: str | None = None
    cell: Cell | None = None
    phase: int = 0
    slot: str = ""

    def property(self, name: str) -> str | None:
        return dict(self.properties).get(name)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `is_default` holds for the one that a gateway takes when no condition holds."""

    id: str
    source: str
    target: str
    name: str = ""
    name_en: str = ""
    condition: str | None = None
    is_default: bool = False


@dataclass
class Sketch:
    """A process being drawn. Nodes and flows keep the order in which they were added, and so does the XML."""

    id: str
    name: str
    name_en: str
    properties: tuple[tuple[str, str], ...] = ()
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)

    def add(self, node: Node) -> Node:
        if node.id in self.nodes:
            raise ValueError(f"Expected a new id, but {node.id} is taken in {self.id}")
        self.nodes[node.id] = node
        return node

    def connect(
        self,
        source: str,
        target: str,
        *,
        name: str = "",
        name_en: str = "",
        condition: str | None = None,
        is_default: bool = False,
    ) -> Flow:
        """Add a flow; a second one between the same two nodes gets a number."""
        flow_id = f"flow_{source}__{target}"
        count = sum(flow.source == source and flow.target == target for flow in self.flows.values())
        if count:
            flow_id = f"{flow_id}_{count + 1}"
        self.flows[flow_id] = Flow(flow_id, source, target, name, name_en, condition, is_default)
        return self.flows[flow_id]

    def at(self, node_id: str, column: float, lane: float) -> None:
        self.nodes[node_id] = replace(self.nodes[node_id], cell=Cell(column, lane))

    def give(self, node_id: str, **properties: str) -> None:
        """Add properties to a node."""
        node = self.nodes[node_id]
        self.nodes[node_id] = replace(node, properties=(*node.properties, *properties.items()))

    def outgoing(self, node_id: str) -> list[Flow]:
        return [flow for flow in self.flows.values() if flow.source == node_id]

    def incoming(self, node_id: str) -> list[Flow]:
        return [flow for flow in self.flows.values() if flow.target == node_id]

    def attached(self, node_id: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.attached_to == node_id]

    def inside(self, scope: str | None) -> list[Node]:
        return [node for node in self.nodes.values() if node.scope == scope]
