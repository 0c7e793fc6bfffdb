"""The element tree of a BPMN file to a Diagram. What the model cannot hold becomes an oddity with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from lxml import etree

from service.modelling.diagram import (
    ACTIVITIES,
    EVENTS,
    GATEWAYS,
    NO_PROPERTIES,
    REFUSED_NODES,
    SUB_PROCESSES,
    Definition,
    Diagram,
    EventDefinition,
    Flow,
    Loop,
    Node,
    Oddity,
    Process,
    TimerText,
)
from service.modelling.xml_nodes import BPMN, DRAWING, SPIFF, bpmn_kind, line_of
from service.modelling.xml_oddities import oddities_of

_REFERRED: Final = {"message": None, "signal": None, "error": "errorCode", "escalation": "escalationCode"}
_NODES: Final = ACTIVITIES | EVENTS | GATEWAYS | REFUSED_NODES
_LOOPS: Final = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})
_COLLECTION: Final = ("loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem")


def diagram_of(root: etree._Element) -> Diagram:
    """`root` is a `definitions` element that was parsed safely (xml_reading)."""
    reader = _Reader()
    for child in root:
        reader.read_top_level(child)
    return Diagram(
        processes=tuple(reader.processes),
        nodes=tuple(reader.nodes.values()),
        flows=tuple(reader.flows),
        definitions=tuple(reader.definitions),
        lanes=tuple(reader.lanes),
        oddities=(*reader.oddities, *oddities_of(root)),
        drawn=frozenset(_drawn(root)),
        has_drawing=any(True for _ in root.iterchildren(f"{{{DRAWING}}}BPMNDiagram")),
    )


class _Reader:
    """Collects what the file defines, in its order."""

    def __init__(self) -> None:
        self.processes: list[Process] = []
        self.nodes: dict[str, Node] = {}
        self.flows: list[Flow] = []
        self.definitions: list[Definition] = []
        self.lanes: list[tuple[str | None, int]] = []
        self.oddities: list[Oddity] = []

    def read_top_level(self, element: etree._Element) -> None:
        kind = bpmn_kind(element)
        if kind == "process":
            self.read_process(element)
        elif kind in _REFERRED and self.has_id(element, kind):
            self.definitions.append(_definition(element, kind))

    def has_id(self, element: etree._Element, kind: str) -> bool:
        if element.get("id"):
            return True
        self.oddities.append(Oddity("id_missing", line_of(element), found=kind))
        return False

    def read_process(self, element: etree._Element) -> None:
        if not self.has_id(element, "process"):
            return
        process = Process(
            id=element.get("id", ""),
            line=line_of(element),
            name=element.get("name"),
            executable=element.get("isExecutable", "true") == "true",
            properties=_properties(element),
        )
        self.processes.append(process)
        self.read_contents(element, process.id)

    def read_contents(self, container: etree._Element, scope: str) -> None:
        for element in container:
            kind = bpmn_kind(element)
            if kind in _NODES:
                self.read_node(element, kind, scope)
            elif kind == "sequenceFlow":
                self.read_flow(element, scope)
            elif kind == "laneSet":
                self.lanes.extend((lane.get("name"), line_of(lane)) for lane in element.iter(f"{{{BPMN}}}lane"))

    def read_node(self, element: etree._Element, kind: str, scope: str) -> None:
        if not self.has_id(element, kind) or element.get("id", "") in self.nodes:
            return
        node = _node(element, kind, scope)
        self.nodes[node.id] = node
        if kind in SUB_PROCESSES:
            self.read_contents(element, node.id)

    def read_flow(self, element: etree._Element, scope: str) -> None:
        if self.has_id(element, "sequenceFlow"):
            self.flows.append(
                Flow(
                    id=element.get("id", ""),
                    source=element.get("sourceRef"),
                    target=element.get("targetRef"),
                    scope=scope,
                    line=line_of(element),
                    name=element.get("name"),
                    condition=_text(element, "conditionExpression"),
                    properties=_properties(element),
                )
            )


def _node(element: etree._Element, kind: str, scope: str) -> Node:
    return Node(
        id=element.get("id", ""),
        kind=kind,
        scope=scope,
        line=line_of(element),
        name=element.get("name"),
        properties=_properties(element),
        events=tuple(_event_definitions(element)),
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", "true").lower() == "true",
        default=element.get("default"),
        called=element.get("calledElement"),
        message_ref=element.get("messageRef"),
        incoming=_references(element, "incoming"),
        outgoing=_references(element, "outgoing"),
        by_event=element.get("triggeredByEvent") == "true",
        compensates=element.get("isForCompensation") == "true",
        loop=next((_loop(child) for child in element if bpmn_kind(child) in _LOOPS), None),
    )


def _references(element: etree._Element, kind: str) -> tuple[str, ...]:
    return tuple(_whole_text(child) for child in element.iterchildren(f"{{{BPMN}}}{kind}"))


def _event_definitions(element: etree._Element) -> Iterator[EventDefinition]:
    for child in element:
        kind = bpmn_kind(child)
        if kind.endswith("EventDefinition"):
            name = kind.removesuffix("EventDefinition")
            yield EventDefinition(
                kind=name,
                line=line_of(child),
                ref=child.get(f"{name}Ref"),
                timers=tuple(_timers(child)) if name == "timer" else (),
                condition=_text(child, "condition"),
            )


def _timers(element: etree._Element) -> Iterator[TimerText]:
    for child in element:
        kind = bpmn_kind(child)
        if kind in ("timeDate", "timeDuration", "timeCycle"):
            yield TimerText(kind, _whole_text(child), line_of(child))


def _loop(element: etree._Element) -> Loop:
    vendors = (value for key, value in element.attrib.items() if str(key).endswith("}collection"))
    drawn = (bpmn_kind(child) for child in element if bpmn_kind(child) in _COLLECTION)
    return Loop(
        kind=bpmn_kind(element),
        line=line_of(element),
        cardinality=_text(element, "loopCardinality"),
        completion=_text(element, "completionCondition"),
        condition=_text(element, "loopCondition"),
        maximum=element.get("loopMaximum"),
        collection=next((str(name) for name in (*vendors, *drawn)), None),
    )


def _definition(element: etree._Element, kind: str) -> Definition:
    code = _REFERRED[kind]
    return Definition(
        kind=kind,
        id=element.get("id", ""),
        line=line_of(element),
        name=element.get("name"),
        code=None if code is None else element.get(code),
    )


def _properties(element: etree._Element) -> Mapping[str, str]:
    """`spiffworkflow:property` pairs of the element itself; of a name given twice the first counts here."""
    extensions = element.find(f"{{{BPMN}}}extensionElements")
    if extensions is None:
        return NO_PROPERTIES
    pairs: dict[str, str] = {}
    for holder in extensions.iterchildren(f"{{{SPIFF}}}properties"):
        for pair in holder.iterchildren(f"{{{SPIFF}}}property"):
            if pair.get("name") and pair.get("value") is not None:
                pairs.setdefault(pair.get("name", ""), pair.get("value", ""))
    return MappingProxyType(pairs)


def _drawn(root: etree._Element) -> Iterator[str]:
    for element in root.iter(f"{{{DRAWING}}}BPMNShape", f"{{{DRAWING}}}BPMNEdge"):
        if element.get("bpmnElement"):
            yield element.get("bpmnElement", "")


def _text(element: etree._Element, child_kind: str) -> str | None:
    child = element.find(f"{{{BPMN}}}{child_kind}")
    return None if child is None else _whole_text(child)


def _whole_text(element: etree._Element) -> str:
    """The text as a person reads it, on both sides of a comment too, which the engine would cut off there."""
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    return "".join(pieces).strip()
