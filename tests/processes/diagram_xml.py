"""The diagrams as XML: what tests read off them with lxml alone, knowing nothing of how they were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from lxml import etree

PROCESSES = Path(__file__).parents[2] / "processes"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
FLOW_NODES = (
    *("startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "userTask", "serviceTask", "receiveTask"),
    *("callActivity", "subProcess", "exclusiveGateway", "parallelGateway"),
)


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def shrunk(self, margin: float) -> Box:
        return Box(self.x + margin, self.y + margin, self.width - 2 * margin, self.height - 2 * margin)

    def overlaps(self, other: Box) -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom


Segment = tuple[tuple[float, float], tuple[float, float]]


class Diagram:
    """One .bpmn file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root = etree.parse(str(path)).getroot()
        self.process = self.root.find(f"{BPMN}process")
        tags = tuple(BPMN + tag for tag in FLOW_NODES)
        self.nodes = {node.get("id"): node for node in self.root.iter(*tags)}
        self.flows = {flow.get("id"): flow for flow in self.root.iter(f"{BPMN}sequenceFlow")}

    def kind(self, node_id: str) -> str:
        return etree.QName(self.nodes[node_id]).localname

    def properties(self, element: etree._Element) -> dict[str, str]:
        found = element.findall(f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property")
        return {item.get("name"): item.get("value") for item in found}

    def of(self, node_id: str) -> dict[str, str]:
        return self.properties(self.nodes[node_id])

    def scope(self, element: etree._Element) -> str:
        return element.getparent().get("id")

    def timer(self, node_id: str) -> str:
        definition = self.nodes[node_id].find(f"{BPMN}timerEventDefinition")
        return definition[0].text

    def outgoing(self, node_id: str) -> list[etree._Element]:
        """In the order of the element's own `outgoing` references, which is that in which conditions are tried."""
        return [self.flows[reference.text] for reference in self.nodes[node_id].findall(f"{BPMN}outgoing")]

    def target(self, node_id: str) -> str:
        (flow,) = self.outgoing(node_id)
        return flow.get("targetRef")

    def condition(self, flow: etree._Element) -> str | None:
        return flow.findtext(f"{BPMN}conditionExpression")

    def boundaries(self, host: str) -> list[str]:
        return [node_id for node_id, node in self.nodes.items() if node.get("attachedToRef") == host]

    # Diagram interchange

    @cached_property
    def shapes(self) -> dict[str, Box]:
        return {s.get("bpmnElement"): box(s.find(f"{DC}Bounds")) for s in self.root.iter(f"{BPMNDI}BPMNShape")}

    @cached_property
    def labels(self) -> dict[str, Box]:
        found = self.root.iter(f"{BPMNDI}BPMNLabel")
        return {label.getparent().get("bpmnElement"): box(label.find(f"{DC}Bounds")) for label in found}

    @cached_property
    def waypoints(self) -> dict[str, list[tuple[float, float]]]:
        edges = self.root.iter(f"{BPMNDI}BPMNEdge")
        return {
            edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.findall(f"{DI}waypoint")]
            for edge in edges
        }

    def segments(self, flow_id: str) -> list[Segment]:
        points = self.waypoints[flow_id]
        return list(pairwise(points))


def box(bounds: etree._Element) -> Box:
    return Box(*(float(bounds.get(name)) for name in ("x", "y", "width", "height")))


def all_diagrams() -> dict[str, Path]:
    return {path.stem: path for path in sorted(PROCESSES.rglob("*.bpmn"))}
